"""evidence/: what a person who quotes a figure must be able to show.

The rule: a sheet names the figure's value, interval, definition, limits, verdict and place, and the
hash of its line in indicators.csv, so that anyone can check the quotation with nothing but the
folder. Sheets of national totals are written; ``sheets`` gives those of any other figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import Foreseen
from pipelines.registry import Indicator
from pipelines.release.formats.documents import document
from pipelines.release.formats.wording import MARKS, shown
from pipelines.release.manifest import file_entry
from pipelines.release.reading import Candidate, Figure

TABLE = "indicators.csv"


class NoFigure(Foreseen, LookupError):
    """A line that holds no figure; the message says which lines do."""


@dataclass(frozen=True)
class Sheet:
    """One figure and what is needed to quote and check it."""

    figure: Figure
    indicator: Indicator
    line: int
    """Its line in indicators.csv; the heading is line 1."""
    sha256: str
    """Of the bytes of that line without its end."""

    def lines(self, caveats: Mapping[str, str]) -> list[tuple[str, str]]:
        """The sheet as (heading, text), for a terminal; ``caveats`` are the texts of their ids."""
        figure = self.figure
        place = [figure.country, figure.period, figure.cohort and f"cohort {figure.cohort}"]
        if figure.horizon_months:
            place.append(f"{figure.horizon_months} months")
        place.append(f"{figure.breakdown} {figure.category}".strip())
        counts = [shown(figure, one) for one in (figure.numerator, figure.denominator)]
        return [
            ("Figure", f"{self.indicator.title}: {self.measure}"),
            ("Of", ", ".join(part for part in place if part)),
            ("Value", self.value),
            ("95 %", self.interval),
            ("Counted", " of ".join(counts)),
            ("Known", shown(figure, figure.known_share)),
            ("Method", figure.method),
            ("Definition", self.indicator.population.definition),
            *(("Limit", caveats[caveat]) for caveat in figure.caveats),
            ("Council", figure.council_verdict.replace("_", " ")),
            ("Address", f"{TABLE}, line {self.line}, SHA-256 {self.sha256}"),
            ("To check", f"sed -n {self.line}p {TABLE} | tr -d '\\r\\n' | sha256sum"),
        ]

    @property
    def anchor(self) -> str:
        """Its address in the page of its indicator."""
        return f"line-{self.line}"

    @property
    def measure(self) -> str:
        """What was measured, in words; a measure of money is worded by its own code."""
        return self.indicator.measures.get(self.figure.measure, self.figure.measure)

    @property
    def value(self) -> str:
        """The estimate in its unit, or the mark and its meaning."""
        figure = self.figure
        if figure.mark:
            return f"[{figure.mark}] {MARKS[figure.mark]}"
        return "none" if figure.estimate is None else f"{figure.estimate} ({figure.unit})"

    @property
    def interval(self) -> str:
        """The 95 % interval, the mark, or that the method gives none."""
        low, high = (shown(self.figure, end) for end in (self.figure.ci_low, self.figure.ci_high))
        return f"{low} to {high}" if low and not self.figure.mark else low or "none"


def sheet_of_line(candidate: Candidate, line: int) -> Sheet:
    """The sheet of one line of indicators.csv. NoFigure where that line holds none."""
    found = candidate.figures[line - 2] if 2 <= line < len(candidate.figures) + 2 else None
    if found is None:
        last = len(candidate.figures) + 1
        raise NoFigure(f"{candidate.folder / TABLE} has its figures in lines 2 to {last}")
    return next(sheets(candidate, lambda figure: figure is found))


def sheets(candidate: Candidate, wanted: Callable[[Figure], bool]) -> Iterator[Sheet]:
    """The sheets of the ``wanted`` figures, in the order of the file."""
    lines = (candidate.folder / TABLE).read_bytes().split(b"\r\n")
    for number, figure in enumerate(candidate.figures, start=2):
        if wanted(figure):
            digest = hashlib.sha256(lines[number - 1]).hexdigest()
            yield Sheet(figure, candidate.indicators[figure.indicator_id], number, digest)


def write_evidence(candidate: Candidate, folder: Path) -> None:
    """Write ``<indicator>.html`` with a sheet for every national total of the indicator."""
    folder.mkdir(parents=True, exist_ok=True)
    of_indicator: dict[str, list[Sheet]] = {}
    for sheet in sheets(candidate, lambda figure: figure.breakdown == "total"):
        of_indicator.setdefault(sheet.indicator.id, []).append(sheet)
    table = file_entry(candidate.folder / TABLE)["sha256"]
    for indicator, found in of_indicator.items():
        (folder / f"{indicator}.html").write_bytes(
            document(
                "evidence.html.j2",
                candidate,
                indicator=candidate.indicators[indicator],
                sheets=found,
                caveats=candidate.caveats,
                table_sha256=table,
            )
        )
