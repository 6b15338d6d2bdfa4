"""The way to remedy: informed, free legal aid, claim, decision, payment; each needs the one before.

Information and aid come before contact can first be lost, and the rest is register data, so that
losing contact hides no step. Amounts are whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.course import before
from pipelines.synthetic.draws import NEVER, Bools, Draw, Ints
from pipelines.synthetic.parameters import CHANNELS, Remedy

GRANTED, PARTLY, REFUSED, WITHDRAWN = 0, 1, 2, 3


@dataclass(frozen=True)
class RemedyCourse:
    """Months from contact (NEVER where not), cents, and (month, cents) of each payment."""

    informed: Ints
    aid: Ints
    aid_free: Bools
    claimed: Ints
    channel: Ints
    decided: Ints
    outcome: Ints
    claimed_cents: Ints
    awarded_cents: Ints
    payments: tuple[tuple[Ints, Ints], ...]


def seek_remedy(draw: Draw, end: Ints, remedy: Remedy) -> RemedyCourse:
    """One way to remedy a person; ``end`` (months from contact) stops it."""
    hazards = np.asarray(remedy.informed)
    stays = np.concatenate([[1.0], np.cumprod(1 - hazards)])
    month = np.searchsorted(-stays[1:], -draw.uniform(), side="right")
    informed = before(np.where(month < hazards.size, month, NEVER), end)

    late = (~draw.chance(remedy.aid_same_month)).astype(np.int64)
    aid = before(np.where(draw.chance(remedy.aid), informed + late, NEVER), end)
    aid_free = draw.chance(remedy.aid_free)

    claimed = before(np.where(aid_free, aid, NEVER) + draw.waiting(remedy.claimed), end)
    channel = draw.choice(remedy.channel)
    decided = before(claimed + draw.waiting(remedy.decided), end)
    outcome = draw.choice_by(channel, [remedy.outcome[name] for name in CHANNELS])

    claim = np.rint(100 * draw.lognormal(remedy.claimed_log_mean, remedy.claimed_log_sd))
    claimed_cents = np.maximum(claim, 1).astype(np.int64)
    part = np.rint(claimed_cents * remedy.partly).astype(np.int64)
    awarded = np.where(outcome == GRANTED, claimed_cents, np.where(outcome == PARTLY, part, 0))
    awarded = np.where(decided < NEVER, awarded, 0)

    kind = draw.uniform()
    in_full = (awarded > 0) & (kind < remedy.paid_at_once)
    in_part = (awarded > 0) & ~in_full & (kind < remedy.paid_at_once + remedy.paid_in_part)
    at_once = decided + 1 + draw.below(remedy.at_once_within)
    payments = [(before(np.where(in_full, at_once, NEVER), end), awarded)]
    instalment = np.rint(awarded * remedy.instalment_share).astype(np.int64)
    for months in remedy.instalment_months:
        payments.append((before(np.where(in_part, decided + months, NEVER), end), instalment))
    return RemedyCourse(
        informed,
        aid,
        aid_free,
        claimed,
        channel,
        decided,
        outcome,
        claimed_cents,
        awarded,
        tuple(payments),
    )
