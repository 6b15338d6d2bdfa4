"""Drift of a source as a whole: a change of rule that is too small to see at any one provider.

Rule guarded: only providers that delivered in every compared period are taken together, so that one
that began or stopped is not mistaken for a change. The comparison is the same as a provider's own,
against the last four periods of the same length in the same country.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipelines.deliveries.drift import MINIMUM_PERIODS, REFERENCE_PERIODS, ColumnDrift
from pipelines.deliveries.drift_landed import LandedFrames, Side, compare_sides
from pipelines.deliveries.register import Record
from pipelines.paths import Home
from pipelines.periods import Period

ALL = "all"


def compare_together(
    home: Home, records: Iterable[Record], frames: LandedFrames
) -> Iterator[tuple[Side, list[ColumnDrift]]]:
    """For each country, source and period, the deliveries judged together and the verdicts.

    ``records`` are the current ones. Verdicts are kept in ``<home>/drift/<country source period>``;
    their provider is ``all``. Periods with fewer than two such providers are passed over.
    """
    series: dict[tuple[str, str, int], dict[Period, dict[str, Record]]] = defaultdict(dict)
    for record in records:
        country, provider, source, text = record.place or ("", "", "", "")
        period = Period.parse(text)
        series[country, source, period.months].setdefault(period, {})[provider] = record
    for (country, source, _), periods in sorted(series.items()):
        in_order = sorted(periods, key=lambda period: period.first)
        for number in range(len(in_order)):
            compared = in_order[max(0, number - REFERENCE_PERIODS) : number + 1]
            common = sorted(set.intersection(*(set(periods[one]) for one in compared)))
            if len(compared) <= MINIMUM_PERIODS or len(common) < 2:
                continue
            *before, now = [Side(tuple(periods[one][p] for p in common)) for one in compared]
            folder = home.drift / " ".join((country, source, now.period))
            yield now, compare_sides(folder, ALL, now, before, frames)
