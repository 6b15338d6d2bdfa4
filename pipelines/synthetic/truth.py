"""The truth file: what each estimate should be, from the generator's own probabilities.

Nothing here is simulated: values are finite sums over months, in the files truth_*.py. Where an
indicator counts a state among those whose state is known (method S), ``value`` is the share among
all of the cohort, lost or not, and ``value_among_known`` the expected value of the estimator as
indicators.md defines it: the two differ because a death or a removal is known even of people who
were lost.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.synthetic.parameters import Parameters, Scenario
from pipelines.synthetic.truth_claims import claim_truths
from pipelines.synthetic.truth_course import course_truths
from pipelines.synthetic.truth_exits import exit_truths
from pipelines.synthetic.truth_gaps import gap_truths
from pipelines.synthetic.truth_inclusion import inclusion_truths
from pipelines.synthetic.truth_inspection import inspection_truths
from pipelines.synthetic.truth_other import other_truths
from pipelines.synthetic.truth_protection import protection_truths
from pipelines.synthetic.truth_remedy import remedy_truths
from pipelines.synthetic.truth_rows import Expected
from pipelines.synthetic.truth_support import support_truths
from pipelines.synthetic.truth_survey import survey_truths


@dataclass(frozen=True)
class Truth:
    """Expected values, the parameters they follow from, and what was planted on purpose."""

    expected: tuple[Expected, ...]
    parameters: Parameters
    scenario: Scenario
    run: dict[str, Any] = field(default_factory=dict)
    injected: tuple[dict[str, object], ...] = ()

    def with_run(self, *, injected: list[dict[str, object]], **run: object) -> Truth:
        """The same truth with the facts of a run."""
        return replace(self, run=run, injected=tuple(injected))

    def value(self, indicator_id: str, measure: str = "value", **keys: object) -> float:
        """The one expected value with these keys, which are fields of Expected."""
        wanted = {"breakdown": "total", "category": "", **keys}
        found = [
            row.value
            for row in self.expected
            if row.indicator_id == indicator_id
            and row.measure == measure
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]
        if len(found) != 1:
            raise KeyError(f"{indicator_id} {measure} {wanted}: {len(found)} values, not one")
        return found[0]

    def write(self, path: Path) -> None:
        """As JSON, sorted, with a final newline."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def expected(
    parameters: Parameters,
    scenario: Scenario,
    first_month: int,
    quarters: int,
    names: list[str],
    people: int,
) -> Truth:
    """The truth of a run that begins in ``first_month`` and lasts ``quarters`` quarters."""
    rows = [
        *course_truths(parameters),
        *support_truths(parameters, first_month, 3 * quarters),
        *inclusion_truths(parameters, first_month, 3 * quarters),
        *exit_truths(parameters, scenario, first_month, quarters),
        *gap_truths(parameters),
        *remedy_truths(parameters),
        *survey_truths(parameters.survey),
        *claim_truths(parameters),
        *protection_truths(parameters, first_month, quarters),
        *inspection_truths(parameters.inspection, people),
        *other_truths(parameters, names, break_quarter(first_month, quarters)),
    ]
    return Truth(tuple(rows), parameters, scenario)


def break_quarter(first_month: int, quarters: int) -> int:
    """The quarter from which less support is conditional: a January, at or after the middle.

    A year then lies on one side of the break. Runs too short for that break in the middle.
    """
    middle = quarters // 2
    for quarter in range(middle, quarters):
        if (first_month + 3 * quarter) % 12 == 0:
            return quarter
    return middle
