"""Where every page, chart and download lies, and how one links to another.

Rule: links are relative, so the folder works from any address and from a disk. English lies at an
edition's root, every other language in a folder of its code.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath

from dashboards.site.edition import Edition
from dashboards.site.locale import SOURCE_LANGUAGE, Locale

STYLE = PurePosixPath("assets/site.css")


@dataclass(frozen=True)
class Page:
    """One page in one language: ``name`` is its path below the language's folder."""

    edition: Edition | None
    locale: Locale
    name: str

    @property
    def path(self) -> PurePosixPath:
        """Path below the site's root."""
        place = self.edition.place if self.edition else PurePosixPath()
        return place / _language_folder(self.locale) / self.name

    def link(self, target: PurePosixPath) -> str:
        """The relative address of a file below the site's root, seen from this page."""
        return posixpath.relpath(target.as_posix(), self.path.parent.as_posix())

    def to(self, name: str) -> str:
        """The relative address of another page of the same edition and language."""
        return self.link(Page(self.edition, self.locale, name).path)

    def in_language(self, locale: Locale) -> str:
        """The relative address of this page in another language."""
        return self.link(Page(self.edition, locale, self.name).path)


def indicator_page(indicator_id: str) -> str:
    """The name of an indicator's page."""
    return f"indicators/{indicator_id.replace('_', '-')}.html"


def chart_file(edition: Edition, locale: Locale, indicator_id: str, name: str) -> PurePosixPath:
    """Where a chart of one language lies."""
    folder = edition.place / "charts" / locale.code
    return folder / f"{indicator_id.replace('_', '-')}-{name}.svg"


def data_file(edition: Edition, path: str) -> PurePosixPath:
    """Where the copy of a candidate's file lies."""
    return edition.place / "data" / path


def archive_file(edition: Edition) -> PurePosixPath:
    """All files of an edition as one zip."""
    return edition.place / "data" / f"observatory-{edition.label}.zip"


def indicator_csv(edition: Edition, indicator_id: str) -> PurePosixPath:
    """The rows of one indicator; its name says whether they are synthetic."""
    return edition.place / "data" / "by-indicator" / f"{edition.label}-{indicator_id}.csv"


def _language_folder(locale: Locale) -> PurePosixPath:
    return PurePosixPath("" if locale.code == SOURCE_LANGUAGE else locale.code)
