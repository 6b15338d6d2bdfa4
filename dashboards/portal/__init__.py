"""The portal: where councils review, the State answers, and both see what came of it."""

from dashboards.portal.app import create_app
from dashboards.portal.portal import Portal

__all__ = ["Portal", "create_app"]
