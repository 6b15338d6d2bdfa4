"""Disclosure control: no released number narrows what must stay unknown about few people."""
