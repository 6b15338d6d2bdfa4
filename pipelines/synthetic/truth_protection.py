"""Exact expectations of charges, detention, denials and appeals."""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import last_loss
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import LAPSE, Law, Parameters
from pipelines.synthetic.truth_common import contact_kept, end_of_insecure, groups, waiting
from pipelines.synthetic.truth_rows import Expected
from pipelines.synthetic.vocabulary import AGE_BAND

HORIZON = 24
APPEAL_HORIZON = 12


def protection_truths(parameters: Parameters, first_month: int, quarters: int) -> list[Expected]:
    """All of them, of a run that begins in ``first_month`` and lasts ``quarters`` quarters."""
    return [
        *_charged(parameters),
        *_detained(parameters),
        *_child_detention(parameters, first_month, 3 * quarters),
        *_appeals(parameters),
    ]


def _charged(parameters: Parameters) -> list[Expected]:
    """Aalen–Johansen over both groups together: a charge of unknown link censors, death competes.

    Whoever was removed or returned stays at risk, as registers follow everyone.
    """
    law, course = parameters.law, parameters.course
    linked, _, unknown = law.charge
    month = np.arange(HORIZON + 1)
    charged = waiting(law.charged, HORIZON)
    clear = 1 - (linked + unknown) * np.cumsum(charged)  # no charge that ends the wait
    at_risk, events, deaths = np.zeros((3, HORIZON + 1))
    for share, end in groups(parameters):
        alive = (1 - end) ** month
        events += share * linked * charged * alive
        gone = 0.0  # removed or returned, uncharged
        for now in month[1:]:
            at_risk[now] += share * (alive[now - 1] * clear[now - 1] + gone)
            deaths[now] += share * alive[now - 1] * course.died * clear[now - 1]
            gone += alive[now - 1] * (end - course.died) * clear[now - 1]
    stays, reached = 1.0, 0.0
    for now in month[1:]:
        reached += stays * events[now] / at_risk[now]
        stays *= 1 - (events[now] + deaths[now]) / at_risk[now]
    dropped = law.discontinued[0] * np.convolve(charged, waiting(law.discontinued[1], HORIZON))
    discontinued = sum(
        share * linked * (dropped[: HORIZON + 1] * (1 - end) ** month).sum()
        for share, end in groups(parameters)
    )
    return [
        Expected("protection_not_charged", "value", 1 - reached, HORIZON),
        Expected("protection_not_charged", "discontinued", float(discontinued), HORIZON),
    ]


def _detained(parameters: Parameters) -> list[Expected]:
    """Only those without secure status are detained or removed."""
    hazard, course = parameters.law.detained, parameters.course
    (_, _), (insecure, end) = groups(parameters)
    month = np.arange(1, HORIZON + 1)
    undetained = (1 - hazard) ** (month - 1)
    detained = insecure * float((hazard * undetained * (1 - end) ** month).sum())
    removed = insecure * float((course.removed * undetained * (1 - end) ** (month - 1)).sum())
    keys = "protection_not_detained"
    return [
        Expected(keys, "value", 1 - detained - removed, HORIZON),
        Expected(keys, "detained", detained, HORIZON),
        Expected(keys, "removed", removed, HORIZON),
    ]


def _child_detention(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """By year, of years that end before contact can be thought to last beyond its end.

    Contact begins with the month of first contact, uniform over the run. A child counts in a year
    in which it is in contact; detained, it may be out of contact by then.
    """
    rows = []
    for year in range(-(-first_month // 12), (first_month + months) // 12):
        first = 12 * year - first_month
        last = first + 11
        if last <= last_loss(months) - LAPSE:
            detained, unclear, present = _children(parameters, first, last)
            known = detained / (present - unclear)
            rows.append(
                Expected(
                    "protection_child_detention",
                    "value",
                    detained / present,
                    period=str(year),
                    value_among_known=known,
                )
            )
    return rows


def _children(parameters: Parameters, first: int, last: int) -> tuple[float, float, float]:
    """Detained for immigration, on unknown ground, and present, in months ``first`` to ``last``."""
    course, law = parameters.course, parameters.law
    kept = contact_kept(course, last)
    month = np.arange(last + 1)
    ages = parameters.population.age_band
    detained = present = 0.0
    for band, minor in (("0-8", np.ones(last + 1)), ("9-17", _still_minor(parameters, last))):
        weight = ages[AGE_BAND.index(band)]
        for share, end in groups(parameters):
            inside = _in_contact(parameters, end, last) * minor
            hazard = law.detained if end > course.died else 0.0
            chance = waiting(hazard, last) * (1 - end) ** month * minor
            for contact in range(last + 1):
                since = max(0, first - contact)
                present += weight * share * inside[since]
                upto = last - contact
                detained += weight * share * kept[since] * chance[since : upto + 1].sum()
    return detained * law.detention[0], detained * law.detention[2], present


def _still_minor(parameters: Parameters, months: int) -> Floats:
    """P(not turned 18 by month m): the birthday falls in each month from the first as likely."""
    month = np.arange(months + 1)
    still: Floats = 1 - month / parameters.inclusion.birthday_within
    return still


def _in_contact(parameters: Parameters, end: float, months: int) -> Floats:
    """P(still in contact in month m): not lost, and not ended, or ended and followed abroad."""
    course = parameters.course
    month = np.arange(months + 1)
    kept = contact_kept(course, months)
    alive = (1 - end) ** month
    until_end = (1 - end) ** np.maximum(month - 1, 0)  # in contact in the very month of the end
    gone = (end - course.died) / end * (1 - until_end) * parameters.inclusion.followed_abroad
    contact: Floats = kept * (until_end + gone)
    return np.where(month == 0, alive, contact)


def _appeals(parameters: Parameters) -> list[Expected]:
    law = parameters.law
    everybody = groups(parameters)
    insecure = [(1.0, end_of_insecure(parameters.course))]
    overturned, upheld, _ = law.appeal_outcome
    value = overturned / (overturned + upheld)
    rows = [
        Expected("remedy_appeals", measure, value)
        for measure in ("value", "overturned_early_support", "overturned_residence")
    ]
    for subject, weights in (("early_support", everybody), ("residence", insecure)):
        filed = _filed(law, weights)
        rows.append(Expected("remedy_appeals", f"appealed_{subject}", filed, APPEAL_HORIZON))
    return rows


def _filed(law: Law, weights: list[tuple[float, float]]) -> float:
    share, hazard = law.appealed
    month = np.arange(APPEAL_HORIZON + 1)
    chances = share * waiting(hazard, APPEAL_HORIZON)
    return float(sum(part * (chances * (1 - end) ** month).sum() for part, end in weights))
