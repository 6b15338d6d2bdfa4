"""Which of an indicator's rows a page shows, and where the gaps are.

Rules: the finest newest figure that is shown leads (quarter before year before pooled years; for
cohorts, the longest horizon and the newest single year). A marked row stays in its place as a
gap. Groups come in the locale's fixed order, never by value: the pages rank nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipelines.periods import Period
from pipelines.registry import CROSSED, Indicator
from pipelines.release.reading import Figure

BOUNDS = ("unknown_low", "unknown_high")
CURVE_COHORTS = 4
TREND_POINTS = 16


@dataclass(frozen=True)
class Cell:
    """One row with the bounds that belong to it; a marked row has none, whatever else is known."""

    row: Figure
    low: Figure | None
    high: Figure | None

    @property
    def shown(self) -> bool:
        """Whether there is an estimate to print."""
        return self.row.estimate is not None


@dataclass(frozen=True)
class Breakdown:
    """The groups of one breakdown at one time, with the figure for all at that time."""

    name: str
    total: Cell
    cells: tuple[Cell, ...]


class Selection:
    """What a page shows of one indicator: choices among the rows, never new numbers."""

    def __init__(self, indicator: Indicator, rows: Iterable[Figure]) -> None:
        """Index the rows of one indicator of one candidate."""
        self.indicator = indicator
        self._rows = tuple(rows)
        self._index = {_key(row): row for row in self._rows}

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """The measures with rows of their own, in the registry's order, bounds left out."""
        present = {row.measure for row in self._rows}
        return tuple(m for m in self.indicator.measures if m in present and m not in BOUNDS)

    @cached_property
    def main(self) -> str:
        """The measure that leads: ``value`` where there is one, else the first."""
        if "value" in self.measures or not self.measures:
            return "value"
        return self.measures[0]

    @cached_property
    def marks(self) -> frozenset[str]:
        """Every mark that stands in one of the rows."""
        return frozenset(row.mark for row in self._rows if row.mark)

    @property
    def is_steps(self) -> bool:
        """Whether the measures are steps of one way (a funnel): some are `<step>_of_<step>`."""
        return self.main != "value" and any(self._is_conditional(m) for m in self.measures)

    @property
    def is_cohort(self) -> bool:
        """Whether people are followed from an entry."""
        return self.indicator.population.kind == "cohort"

    @cached_property
    def newest(self) -> Cell | None:
        """The figure one would expect first, shown or not."""
        return next(iter(self._candidates), None)

    @cached_property
    def lead(self) -> Cell | None:
        """The figure that leads the page: the first expected one that is shown."""
        return next((cell for cell in self._candidates if cell.shown), None)

    @cached_property
    def trend(self) -> tuple[Cell, ...]:
        """Totals of the main measure through time, oldest first, at the lead's fineness."""
        anchor = self.lead or self.newest
        if anchor is None:
            return ()
        alike = [
            cell
            for cell in self._totals(self.main)
            if cell.row.horizon_months == anchor.row.horizon_months
            and _span(cell.row) == _span(anchor.row)
        ]
        return tuple(sorted(alike, key=lambda cell: _when(cell.row))[-TREND_POINTS:])

    @cached_property
    def curve(self) -> dict[str, tuple[Cell, ...]]:
        """Cells by months since entry: one line a measure, or one a cohort if one measure.

        Empty where there are fewer than two horizons.
        """
        anchor = self.lead or self.newest
        if (
            anchor is None
            or len({row.horizon_months for row in self._rows if row.horizon_months}) < 2
        ):
            return {}
        timed = [
            measure
            for measure in self.measures
            if any(row.measure == measure and row.horizon_months for row in self._rows)
        ]
        if len(timed) > 1:
            lines = {m: self._by_horizon(m, anchor.row.cohort) for m in timed}
        else:
            cohorts = [cell.row.cohort for cell in self.trend][-CURVE_COHORTS:]
            lines = {cohort: self._by_horizon(self.main, cohort) for cohort in cohorts}
        return {name: cells for name, cells in lines.items() if len(cells) > 1}

    @property
    def curve_of_measures(self) -> bool:
        """Whether the curve's lines are measures of one cohort."""
        return all(name in self.indicator.measures for name in self.curve)

    @cached_property
    def parts(self) -> tuple[Cell, ...]:
        """The measures side by side at the lead's time; empty where a curve shows them."""
        if self.curve and self.curve_of_measures:
            return ()
        cells = [self._beside_lead(m) for m in self.measures if not self._is_conditional(m)]
        found = tuple(cell for cell in cells if cell)
        return found if len(found) > 1 else ()

    @cached_property
    def of_previous(self) -> tuple[Cell, ...]:
        """Each step of a way among those who reached the step before it."""
        cells = [self._beside_lead(m) for m in self.measures if self._is_conditional(m)]
        return tuple(cell for cell in cells if cell)

    def breakdown(self, name: str, orders: Sequence[Sequence[str]]) -> Breakdown | None:
        """The groups of one breakdown: known codes in order, then others, unknown last.

        ``orders`` are the known codes of each of its dimensions.

        They are taken at the finest time ending with the lead at which at least half of them are
        shown, else at the time that shows most; None where no group is ever shown.
        """
        anchor = self.lead or self.newest
        if anchor is None:
            return None
        places = [{code: number for number, code in enumerate(order)} for order in orders]

        def position(cell: Cell) -> list[tuple[bool, int, str]]:
            codes = cell.row.category.split(CROSSED)
            return [
                (code == "unknown", place.get(code, len(place)), code)
                for code, place in zip(codes, places, strict=True)
            ]

        best: tuple[int, Breakdown] | None = None
        for total in self._ending_with(anchor):
            cells = sorted(self._groups(name, total.row), key=position)
            shown = sum(cell.shown for cell in cells)
            if shown and 2 * shown >= len(cells):
                return Breakdown(name, total, tuple(cells))
            if shown and (best is None or shown > best[0]):
                best = shown, Breakdown(name, total, tuple(cells))
        return best[1] if best else None

    def _ending_with(self, anchor: Cell) -> list[Cell]:
        """Totals with the anchor's horizon and last month, the finest first."""
        alike = [
            cell
            for cell in self._totals(self.main)
            if cell.row.horizon_months == anchor.row.horizon_months
            and _when(cell.row)[1] == _when(anchor.row)[1]
        ]
        return sorted(alike, key=lambda cell: _span(cell.row))

    def _groups(self, name: str, like: Figure) -> list[Cell]:
        return [
            self._with_bounds(row)
            for row in self._rows
            if row.breakdown == name
            and row.measure == self.main
            and (row.period, row.cohort, row.horizon_months)
            == (like.period, like.cohort, like.horizon_months)
        ]

    @cached_property
    def _candidates(self) -> list[Cell]:
        def rank(cell: Cell) -> tuple[int, int, int]:
            first, last = _when(cell.row)
            if self.is_cohort:
                return -(cell.row.horizon_months or 0), last - first, -last
            return 0, -last, last - first

        return sorted(self._totals(self.main), key=rank)

    def _totals(self, measure: str) -> list[Cell]:
        return [
            self._with_bounds(row)
            for row in self._rows
            if row.breakdown == "total" and row.measure == measure
        ]

    def _by_horizon(self, measure: str, cohort: str) -> tuple[Cell, ...]:
        cells = [
            cell
            for cell in self._totals(measure)
            if cell.row.cohort == cohort and cell.row.horizon_months
        ]
        return tuple(sorted(cells, key=lambda cell: cell.row.horizon_months or 0))

    def _beside_lead(self, measure: str) -> Cell | None:
        anchor = self.lead or self.newest
        row = self._index.get((measure, *_key(anchor.row)[1:])) if anchor else None
        return self._with_bounds(row) if row else None

    def _is_conditional(self, measure: str) -> bool:
        """Whether a measure is ``<step>_of_<step>``: a step among those of another."""
        step, _, before = measure.partition("_of_")
        return step in self.measures and before in self.measures

    def _with_bounds(self, row: Figure) -> Cell:
        if row.measure != self.main or row.mark:
            return Cell(row, None, None)
        low, high = (self._index.get((bound, *_key(row)[1:])) for bound in BOUNDS)
        return Cell(row, low, high)


def _key(row: Figure) -> tuple[str, str, str, int | None, str, str]:
    return row.measure, row.period, row.cohort, row.horizon_months, row.breakdown, row.category


def _when(row: Figure) -> tuple[int, int]:
    """First and last month of the entry cohort, or of the period where there is none."""
    period = Period.parse(row.cohort or row.period)
    return period.first, period.last


def _span(row: Figure) -> int:
    first, last = _when(row)
    return last - first
