"""Labour inspections and the workforce, one delivery an inspectorate and quarter.

An inspection whose wages are paid later comes again, changed, in the quarter of the payment, at
most three quarters on: by the time that it has been closed for twelve months its row is final.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.synthetic.draws import Bools, Draw, Floats, Ints
from pipelines.synthetic.keys import keys
from pipelines.synthetic.parameters import Inspection
from pipelines.synthetic.providers import Provider
from pipelines.synthetic.render import Renderer, coded, decimals, integers
from pipelines.synthetic.vocabulary import TRI

SECTORS = ("A", "C", "F", "G", "H", "I", "N", "Q", "S", "T")
SECTOR_WEIGHTS = (0.18, 0.16, 0.18, 0.08, 0.08, 0.12, 0.08, 0.03, 0.03, 0.06)
_TRIGGERS = ("worker_complaint", "union_complaint", "routine", "intelligence", "joint")
TRIGGER_WEIGHTS = (0.25, 0.08, 0.45, 0.14, 0.08)
UNION_COMPLAINT, ROUTINE = 1, 2  # positions among the triggers
# Counts are uniform: 1 to so many people met, shared, found, violations; 0 to so many referred.
MET_AT_MOST, SHARED_AT_MOST, VICTIMS_AT_MOST, VIOLATIONS_AT_MOST, REFERRED_AT_MOST = 30, 3, 4, 4, 4
NOT_MET_BELOW = 60  # workers covered but not met
_SHARING = ("none", "on_request", "proactive")
_STREAM = 100  # names the streams of inspections among those of a run


def inspections_a_quarter(belief: Inspection, people: int) -> int:
    """Of each inspectorate, in a run of so many people."""
    return max(belief.at_least, round(people * belief.a_person))


@dataclass(frozen=True)
class Inspectorate:
    """One inspectorate's tables; ``entropy`` names the run, ``size`` is inspections a quarter."""

    provider: Provider
    renderer: Renderer
    parameters: Inspection
    entropy: tuple[int, ...]
    size: int

    def tables(self, quarter: int) -> dict[str, pa.Table]:
        """Inspections begun or changed in the quarter, and the year's workforce with its first."""
        parts = [self._inspections(quarter, quarter)]
        parts += [
            self._inspections(earlier, quarter) for earlier in range(max(0, quarter - 3), quarter)
        ]
        tables = {"inspections": pa.concat_tables(parts).combine_chunks()}
        if quarter == 0 or (self.renderer.first_month + 3 * quarter) % 12 == 0:
            tables["workforce"] = self._workforce(quarter)
        return tables

    def _inspections(self, quarter: int, delivered: int) -> pa.Table:
        """Inspections of ``quarter`` as ``delivered`` has them: all, or those paid later in it."""
        position = self.provider.position
        draw = Draw((*self.entropy, _STREAM, position, quarter), self.size)
        belief = self.parameters
        number = (position * 10_000 + quarter) * 10_000_000 + np.arange(self.size)
        employer = position * 10_000_000 + draw.below(max(10, self.size * 8))
        met = 1 + draw.below(MET_AT_MOST)
        flows = _flows(draw, belief)
        known = [~draw.chance(belief.unknown) for _ in range(4)]
        shared = np.where(flows[3], 1 + draw.below(SHARED_AT_MOST), 0)
        agreement = draw.chance(belief.collective_agreement)
        plan = draw.chance(belief.due_diligence_plan)
        violation = draw.uniform() < np.where(plan, belief.violation_with_plan, belief.violation)
        owed = np.where(
            violation, _cents(draw.lognormal(belief.owed_log_mean, belief.owed_log_sd)), 0
        )
        paid_known = ~draw.chance(belief.paid_unknown)
        paid, later, final = _payment(draw, belief, owed)
        if delivered == quarter:
            chosen = np.ones(self.size, dtype=np.bool_)
        else:
            chosen = (later == delivered - quarter) & paid_known
            paid = final
        fees = np.where(draw.chance(belief.fees), _cents(draw.lognormal(6.5, 0.7)), 0)
        reimbursed = np.where(draw.chance(belief.fees_reimbursed), fees, 0)
        finding = np.where(
            flows[0] == 1, belief.possible_victims_with_immigration, belief.possible_victims
        )
        victims = np.where(draw.uniform() < finding, 1 + draw.below(VICTIMS_AT_MOST), 0)
        referred = np.minimum(victims, draw.below(REFERRED_AT_MOST + 1))
        trigger = draw.choice(TRIGGER_WEIGHTS)
        instead = agreement & (trigger == ROUTINE) & draw.chance(belief.union_instead)
        trigger = np.where(instead, UNION_COMPLAINT, trigger)
        month = self.renderer.month(3 * quarter + draw.below(3))
        always = np.ones(self.size, dtype=np.bool_)
        region = pa.repeat(self.provider.region, self.size).cast(pa.string())
        table = pa.table(
            {
                "provider_key": self.renderer.provider(self.provider, self.size),
                "inspection_key": keys("inspection", number, self.renderer.seed),
                "employer_key": keys("employer", employer, self.renderer.seed),
                "month": month,
                "region": region,
                "sector": coded(draw.choice(SECTOR_WEIGHTS), SECTORS),
                "trigger": coded(trigger, _TRIGGERS),
                "workers_covered": integers(met + draw.below(NOT_MET_BELOW), always),
                "workers_met": integers(met, always),
                "collective_agreement": self._tri(draw, agreement),
                "due_diligence_plan": self._tri(draw, plan),
                "public_contractor": self._tri(draw, draw.chance(belief.public_contractor)),
                "immigration_present": _answer(flows[0], known[0]),
                "police_present": _answer(flows[1], known[1]),
                "data_shared_with_immigration": coded(
                    np.where(known[3], flows[3] * (1 + draw.below(2)), -1), _SHARING
                ),
                "status_checks": integers(flows[2] * (1 + draw.below(10)), known[2]),
                "persons_shared": integers(shared, known[3]),
                "violations": integers(violation * (1 + draw.below(VIOLATIONS_AT_MOST)), always),
                "wages_owed": decimals(owed, always),
                "wages_paid": decimals(paid, paid_known),
                "recruitment_fees_found": decimals(fees, always),
                "recruitment_fees_reimbursed": decimals(reimbursed, always),
                "possible_victims": integers(victims, always),
                "referred_to_support": integers(referred, always),
                "currency": pa.repeat("EUR", self.size).cast(pa.string()),
            }
        )
        return table.filter(pa.array(chosen))

    def _tri(self, draw: Draw, yes: Bools) -> pa.Array:
        return _answer(yes, ~draw.chance(self.parameters.unknown))

    def _workforce(self, quarter: int) -> pa.Table:
        size = len(SECTORS)
        year = (self.renderer.first_month + 3 * quarter) // 12
        always = np.ones(size, dtype=np.bool_)
        employed = np.full(size, self.parameters.employed)
        return pa.table(
            {
                "provider_key": self.renderer.provider(self.provider, size),
                "region": pa.repeat(self.provider.region, size).cast(pa.string()),
                "sector": pa.array(SECTORS),
                "year": integers(np.full(size, year), always),
                "employed": integers(employed, always),
                "inspectors": integers(employed // 15_000 + 1, always),
            }
        )


def _flows(draw: Draw, belief: Inspection) -> list[Ints]:
    """Immigration present, police present, status checks, sharing: 0 or 1 an inspection."""
    exposed = ~draw.chance(belief.none)
    leading = draw.choice(belief.leading)
    return [
        (exposed & ((leading == flow) | draw.chance(also))).astype(np.int64)
        for flow, also in enumerate(belief.also)
    ]


def _payment(draw: Draw, belief: Inspection, owed: Ints) -> tuple[Ints, Ints, Ints]:
    """Cents paid at first, quarters until the rest is paid (0: never), cents paid in the end."""
    kind = draw.choice(
        (
            belief.paid_at_once,
            belief.paid_later,
            belief.paid_half,
            1 - belief.paid_at_once - belief.paid_later - belief.paid_half,
        )
    )
    first = np.where(kind == 0, owed, np.where(kind == 2, owed // 2, 0))
    later = np.where((kind == 1) & (owed > 0), 1 + draw.below(3), 0)
    return first, later, np.where(later > 0, owed, first)


def _cents(euros: Floats) -> Ints:
    return np.rint(100 * euros).astype(np.int64)


def _answer(yes: np.ndarray, known: np.ndarray) -> pa.Array:
    return coded(np.where(known, yes.astype(np.int64), -1), TRI)
