"""methodology/<indicator>.html: each indicator's reference metadata under the headings of ESMS 2.0.

The rule: the page says from the registry snapshot what was counted, how and with what limits; what
the observatory does not know it says it does not know.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.release.formats.documents import document
from pipelines.release.reading import Candidate

METHODS = {
    "P": "Proportion of known values, Wilson 95 % interval.",
    "AJ": "Aalen–Johansen cumulative incidence with competing events; delta-method standard error, "
    "clustered by person where one may be counted twice; complementary log-log 95 % interval.",
    "S": "Share in a state at the horizon among those whose state is then known, Wilson 95 % "
    "interval.",
    "W": "Design-weighted survey estimate, raked to the frame's margins; Taylor-linearised "
    "variance, logit 95 % interval.",
    "R": "Ratio of sums over the same claims or inspections, linearised 95 % interval.",
    "D": "Difference between two groups, standardised by age, sex and form; descriptive, not an "
    "effect.",
}
"""method → how it is computed (indicators.md, Methods)."""


def write_methodology(candidate: Candidate, folder: Path) -> None:
    """Write a page for each indicator of the snapshot, figures or none."""
    periods: dict[str, set[str]] = {}
    for figure in candidate.figures:
        periods.setdefault(figure.indicator_id, set()).add(figure.period)
    for indicator in candidate.indicators.values():
        page = document(
            "methodology.html.j2",
            candidate,
            indicator=indicator,
            methods=[METHODS[method] for method in indicator.method],
            caveats=[candidate.caveats[caveat] for caveat in indicator.caveats],
            periods=sorted(periods.get(indicator.id, ())),
        )
        (folder / f"{indicator.id}.html").write_bytes(page)
