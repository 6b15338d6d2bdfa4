"""Disclosure control: which cells may be shown, so that no figure points at a person."""
