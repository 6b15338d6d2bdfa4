"""Exact expectations of support: still in it at the horizon, and why it ended."""

from __future__ import annotations

from pipelines.synthetic.contact import last_loss
from pipelines.synthetic.course import BACK_IN_SUPPORT, retrafficking_survival
from pipelines.synthetic.parameters import LOSS_EVERY, SEXES, Course, Parameters
from pipelines.synthetic.truth_common import cohorts, contact_kept, groups, states_at
from pipelines.synthetic.truth_rows import Expected

SUPPORT_HORIZON = 12


def support_truths(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """All of them, of a run of ``months`` that begins in ``first_month`` (a month integer)."""
    return [*_sustained(parameters), *_exits(parameters, first_month, months)]


def _sustained(parameters: Parameters) -> list[Expected]:
    """In joined support at the end of the horizon's month: an exit in that month is out.

    By sex, because some are back in support by then after having been retrafficked. A file that
    is closed because contact was lost in that very month is out too, and known.
    """
    course = parameters.course
    horizon = SUPPORT_HORIZON
    begun = alive = seen = known = 0.0
    for share, end in groups(parameters):
        for delay, chance in enumerate(course.support_delay):
            begins = share * chance * (1 - end) ** delay
            state = states_at(course, end, horizon, delay)
            begun += begins
            alive += begins * state.alive
            seen += begins * state.alive * contact_kept(course, horizon + 1, delay)[-1]
            known += begins * state.known
    supported = {sex: _in_support(course, row, horizon) for row, sex in enumerate(SEXES)}
    shares = zip(parameters.population.sex, supported.values(), strict=True)
    total = sum(share * value for share, value in shares)
    categories = [("total", "", total), *(("sex", sex, value) for sex, value in supported.items())]
    rows = [
        Expected(
            "inclusion_sustained_support",
            "value",
            alive * value / begun,
            horizon,
            breakdown,
            category,
            value_among_known=float(seen * value / known),
        )
        for breakdown, category, value in categories
    ]
    return rows


def _in_support(course: Course, sex: int, month: int) -> float:
    """P(in the first or second spell at the end of ``month``), given that nothing has ended."""
    stay = 1 - course.exit
    curve = retrafficking_survival(course)[sex]
    again = curve[:-1] - curve[1:]  # [r - 1]: retrafficked r months after the exit
    back = 0.0
    for exit_month in range(1, month + 1):
        left = stay ** (exit_month - 1) * course.exit
        for wait in range(1, month - exit_month):
            for gap in BACK_IN_SUPPORT:
                start = exit_month + wait + gap
                if start <= month:
                    kept = stay ** (month - start)
                    back += left * float(again[wait - 1]) * kept / len(BACK_IN_SUPPORT)
    return float(stay**month) + course.supported_again * back


def _exits(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """Cumulative incidence of each exit reason, all competing; loss of contact is one of them.

    By cohort, a year or three, because nobody is lost at the very end of a run.
    """
    rows = []
    for cohort, start, end in cohorts(first_month, months, SUPPORT_HORIZON):
        year = (first_month + end + SUPPORT_HORIZON) // 12
        for name, value in _exits_of_cohort(parameters, start, end, months).items():
            rows.append(
                Expected(
                    "inclusion_sustained_support",
                    f"exit_{name}",
                    value,
                    SUPPORT_HORIZON,
                    period=str(year),
                    cohort=cohort,
                )
            )
    return rows


def _exits_of_cohort(
    parameters: Parameters, first: int, last: int, months: int
) -> dict[str, float]:
    """Those whose support begins in months ``first`` to ``last`` of the run."""
    course = parameters.course
    begun = 0.0
    reasons: dict[str, float] = {}
    for share, end in groups(parameters):
        for delay, chance in enumerate(course.support_delay):
            begins = share * chance * (1 - end) ** delay
            for start in range(max(first, delay), last + 1):
                begun += begins
                exits = _exits_from(course, end, delay, SUPPORT_HORIZON, last_loss(months) - start)
                for name, value in exits.items():
                    recorded = "other" if name == "removed" else name
                    reasons[recorded] = reasons.get(recorded, 0.0) + begins * value
    return {name: value / begun for name, value in reasons.items()}


def exits_of_group(course: Course, end: float, months: int) -> dict[str, float]:
    """P(exit for each reason within ``months``) of those who begin; ``end`` is their hazard."""
    chances = [p * (1 - end) ** delay for delay, p in enumerate(course.support_delay)]
    total: dict[str, float] = {}
    for delay, chance in enumerate(chances):
        for name, value in _exits_from(course, end, delay, months, months).items():
            total[name] = total.get(name, 0.0) + chance / sum(chances) * value
    return total


def _exits_from(
    course: Course, end: float, delay: int, months: int, lost_until: int
) -> dict[str, float]:
    """Of those who begin ``delay`` months after contact; nobody is lost after ``lost_until``."""
    leaves = end > course.died
    exits = dict.fromkeys(
        ("completed", "independent", "other", "lost_contact", "returned", "removed", "died"), 0.0
    )
    inside = 1.0
    for month in range(1, months + 1):
        exits["died"] += inside * course.died
        exits["removed"] += inside * course.removed * leaves
        exits["returned"] += inside * course.returned * leaves
        leaving = inside * (1 - end) * course.exit
        for name, part in zip(
            ("completed", "independent", "other"), course.exit_reasons, strict=True
        ):
            exits[name] += leaving * part
        inside *= (1 - end) * (1 - course.exit)
        if (month + delay) % LOSS_EVERY == 0 and month <= lost_until:
            exits["lost_contact"] += inside * course.lost_at_follow_up
            inside *= 1 - course.lost_at_follow_up
    return exits
