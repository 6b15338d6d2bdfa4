"""The survivor survey: its questions, and the form made from them."""
