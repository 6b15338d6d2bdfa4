"""The coverage report: what was judged, what falls short, what loss of contact does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.coverage.judge import (
    FEWEST,
    JUDGED,
    LEAST_COVERAGE,
    MOST_BIAS,
    Figure,
    against_truth,
    bounds_of,
    by_indicator,
    name_of,
    shortcomings,
)
from pipelines.coverage.world import PEOPLE, QUARTERS, run

ENOUGH = 1_000
"""Seeds from which a figure under the line is worth a sentence though chance explains it."""
LOSS = "retrafficking_service_recorded"
"""The indicator that informative loss biases, and whose bounds must hold the truth."""


def document(figures: pa.Table, seeds: int) -> dict[str, Any]:
    """The whole report as JSON; ``figures`` of both scenarios (columns of batch.FIGURES)."""
    losing = pc.starts_with(figures["country"], "L")
    calm, lost = figures.filter(pc.invert(losing)), figures.filter(losing)
    truths = run(1).truth.expected
    judged = against_truth(calm, truths)
    return {
        "seeds": seeds,
        "people_a_seed": PEOPLE,
        "quarters": QUARTERS,
        "rule": {
            "least_coverage": LEAST_COVERAGE,
            "most_bias_in_errors": MOST_BIAS,
            "methods": list(JUDGED),
            "least_denominator": FEWEST,
        },
        "falls_short": shortcomings(judged, in_all=len(judged)),
        "under_the_line": shortcomings(judged),
        "figures": judged,
        "of_few_people": against_truth(calm, truths, many=False),
        "bounds": bounds_of(calm, truths),
        "informative_loss": _loss(lost),
    }


def _loss(figures: pa.Table) -> dict[str, list[Figure]]:
    if not figures.num_rows:
        return {"figures": [], "bounds": []}
    truths = [one for one in run(1, informative=True).truth.expected if one.indicator_id == LOSS]
    return {
        "figures": [one for one in against_truth(figures, truths) if one["measure"] == "value"],
        "bounds": bounds_of(figures, truths),
    }


def markdown(report: Mapping[str, Any]) -> str:
    """The report as a reader sees it: tables in Markdown."""
    rule = report["rule"]
    lines = [
        "# Coverage of the estimates",
        "",
        f"{report['seeds']:,} seeds of {report['people_a_seed']:,} people and "
        f"{report['quarters']} quarters; yearly totals with a denominator of "
        f"{rule['least_denominator']} or more. An indicator is judged by its worst figure: "
        f"coverage of at least {rule['least_coverage']:.0%} of intervals that say 95 %, bias under "
        f"{rule['most_bias_in_errors']} standard errors ({', '.join(rule['methods'])}).",
        "",
        *_table(by_indicator(report["figures"])),
        "",
        "## Falls short",
        "",
        *(_listed(report["falls_short"]) or ["Nothing, beyond what chance explains."]),
    ]
    near = [one for one in report["under_the_line"] if one not in report["falls_short"]]
    if near:
        shown = _listed(near) if report["seeds"] >= ENOUGH else []
        lines += ["", f"Under the line, as chance explains: {len(near)}.", "", *shown]
    few = by_indicator([one for one in report["of_few_people"] if one["method"] in JUDGED])
    if few:
        lines += ["", f"## Denominators under {rule['least_denominator']}", "", *_table(few)]
    loss = report["informative_loss"]
    if loss["figures"]:
        held = {one["horizon_months"]: one for one in loss["bounds"]}
        rows = [
            {
                "figure": name_of(one),
                "truth": f"{one['truth']:.3f}",
                "estimates": one["estimates"],
                "mean": f"{one['truth'] + one['bias']:.3f}",
                "bias in errors": f"{one['bias_errors']:+.2f}",
                "coverage": f"{one['coverage']:.1%}",
                "bounds, mean": f"{held[h]['low']:.3f}–{held[h]['high']:.3f}",
                "bounds hold": f"{held[h]['held'] / held[h]['estimates']:.1%}",
                "with chance": f"{held[h]['held_with_chance'] / held[h]['estimates']:.1%}",
            }
            for one in loss["figures"]
            if (h := one["horizon_months"]) in held
        ]
        lines += ["", "## People about to be retrafficked are lost first", "", *_table(rows)]
    return "\n".join(lines)


def _table(rows: Sequence[Figure]) -> list[str]:
    if not rows:
        return []
    head = [name.strip() for name in rows[0]]
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(str(value) for value in row.values())} |" for row in rows),
    ]


def _listed(sentences: Sequence[str]) -> list[str]:
    return [f"- {one}" for one in sentences]
