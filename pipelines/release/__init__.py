"""Candidates and releases: built as pure functions of their inputs, signed, verified, read."""
