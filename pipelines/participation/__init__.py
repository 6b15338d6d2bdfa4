"""Survivors' part in the figures, and the public record of what was done with them."""
