"""Themes of survey comments and the words that were released, in a page's language.

Rule: a page shows what testimony.csv and quotations.csv say. A quotation stays in the language in
which it was written, and says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel import Locale as BabelLocale
from babel import UnknownLocaleError

from dashboards.site.locale import SOURCE_LANGUAGE, Locale
from pipelines.release.testimony_files import read_counts, read_quotations, read_themes
from pipelines.testimony.counts import Row
from pipelines.testimony.gather import Quotation


@dataclass(frozen=True)
class Quoted:
    """Words with their language and its direction."""

    id: str
    words: str
    language: str
    direction: str


@dataclass(frozen=True)
class Theme:
    """A row of the table, whose bar is ``value`` of ``most``."""

    label: str
    definition: str
    count: str
    coded: str
    hidden: bool
    held: bool
    value: int
    most: int
    quotations: tuple[Quoted, ...]
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Year:
    """A year and its themes, in the order of the codebook."""

    year: str
    themes: tuple[Theme, ...]


def years(folder: Path, locale: Locale) -> list[Year]:
    """The years of a folder's testimony.csv, the newest first."""
    rows, quotations = read_counts(folder), read_quotations(folder)
    themes = {str(one["id"]): one for one in read_themes(folder)}
    return [
        Year(
            year,
            tuple(
                _theme(row, themes[row.theme], quotations, locale)
                for row in rows
                if row.period == year
            ),
        )
        for year in sorted({row.period for row in rows}, reverse=True)
    ]


def spoken_of(folder: Path) -> set[str]:
    """The indicators that a folder's themes are to be read beside."""
    found: list[Any] = [one["indicators"] for one in read_themes(folder)]
    return {name for names in found for name in names}


def _theme(row: Row, theme: dict[str, Any], quotations: list[Quotation], locale: Locale) -> Theme:
    label, definition = (
        theme[name].get(locale.code) or theme[name][SOURCE_LANGUAGE]
        for name in ("label", "definition")
    )
    return Theme(
        label=label,
        definition=definition,
        count="" if row.comments is None else locale.number(row.comments),
        coded="" if row.coded is None else locale.number(row.coded),
        hidden=row.comments is None,
        held=bool(row.caveats),
        value=row.comments or 0,
        most=row.coded or 0,
        quotations=tuple(
            Quoted(one.id, one.words, one.language, _direction(one.language))
            for one in quotations
            if (one.period, one.theme) == (row.period, row.theme)
        ),
        indicators=tuple(theme["indicators"]),
    )


def _direction(language: str) -> str:
    try:
        return BabelLocale.parse(language).text_direction
    except (UnknownLocaleError, ValueError):
        return "auto"
