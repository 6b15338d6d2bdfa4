"""Pages for data engineers, on their own machine: what came, what was found, what rests on what."""

from dashboards.engineers.builder import build_pages

__all__ = ["build_pages"]
