"""An indicator as a packet: what it says in plain words, how sure it is, its chart and its table.

The rule: a packet is made from the candidate that the review froze, whose folder never changes, so
it is made once a language and kept. Nothing here comes from the warehouse.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from markupsafe import Markup

from dashboards.portal.words import Words
from dashboards.site.edition import Edition, read_editions
from dashboards.site.figure_parts import Part, Parts
from dashboards.site.layout import Page
from dashboards.site.page_texts import PageTexts
from dashboards.site.selection import Selection
from dashboards.site.sentences import headline
from pipelines.registry import Indicator

_KEPT = 400
"""Packets kept in memory: about forty kilobytes each."""


@dataclass(frozen=True)
class PacketText:
    """One indicator in one language, with the charts of its totals."""

    indicator: Indicator
    title: Markup
    explanation: Markup
    sentence: Markup
    counted: Markup
    not_counted: Markup
    better: Markup
    caveats: tuple[Markup, ...]
    marks: tuple[tuple[str, Markup], ...]
    parts: tuple[Part, ...]

    def chart(self, name: str) -> str | None:
        """The drawing of a part, as narrow as a phone."""
        for part in self.parts:
            if part.name == name:
                return part.svg_narrow or part.svg
        return None


class Packets:
    """Makes packets of candidate folders and keeps the newest used."""

    def __init__(self) -> None:
        """Nothing is read before it is asked for."""
        self._editions: dict[Path, Edition] = {}
        self._texts: OrderedDict[tuple[Path, str, str], PacketText] = OrderedDict()
        self._lock = Lock()

    def edition(self, folder: Path) -> Edition:
        """A candidate folder; ReadingError when it is not one."""
        with self._lock:
            if folder not in self._editions:
                (self._editions[folder],) = read_editions([folder])
            return self._editions[folder]

    def title(self, folder: Path, indicator_id: str, words: Words) -> Markup:
        """An indicator's title; its id where the candidate does not have it."""
        edition = self.edition(folder)
        indicator = edition.candidate.indicators.get(indicator_id)
        if indicator is None:
            return Markup("{}").format(indicator_id)
        return _texts(edition, words).of(indicator, "title")

    def text(self, folder: Path, indicator_id: str, words: Words) -> PacketText | None:
        """The packet of an indicator; None when the candidate does not have it."""
        key = (folder, indicator_id, words.code)
        edition = self.edition(folder)
        if indicator_id not in edition.candidate.indicators:
            return None
        with self._lock:  # drawing a chart is slow, so one visitor draws and the others wait
            if key not in self._texts:
                self._texts[key] = _packet(edition, indicator_id, words)
                if len(self._texts) > _KEPT:
                    self._texts.popitem(last=False)
            self._texts.move_to_end(key)
            return self._texts[key]


def _texts(edition: Edition, words: Words) -> PageTexts:
    return PageTexts(Page(edition, words.site, "packet"))


def _packet(edition: Edition, indicator_id: str, words: Words) -> PacketText:
    indicator = edition.candidate.indicators[indicator_id]
    selection = Selection(indicator, edition.candidate.of(indicator_id))
    texts, parts = _texts(edition, words), Parts(selection, words.site)
    made = (parts.trend(), parts.curve(), parts.measures(), parts.of_previous())
    return PacketText(
        indicator=indicator,
        title=texts.of(indicator, "title"),
        explanation=texts.of(indicator, "explanation"),
        sentence=headline(selection, words.site, edition.currency),
        counted=texts.of(indicator, "definition"),
        not_counted=words.site.text(f"not_counted.{indicator.population.kind}"),
        better=words.site.text(f"indicator.better_{indicator.better}"),
        caveats=tuple(texts.caveats(selection)),
        marks=tuple((mark, words.site.text(f"marks.{mark}")) for mark in texts.marks(selection)),
        parts=tuple(part for part in made if part),
    )
