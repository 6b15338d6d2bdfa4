"""The static site: pages, charts and downloads built from candidate folders alone."""

from dashboards.site.builder import SiteSummary, build_site

__all__ = ["SiteSummary", "build_site"]
