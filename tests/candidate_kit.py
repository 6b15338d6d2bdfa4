"""A candidate out of made-up figures: ten indicators, many periods, breakdowns and marks.

For tests of whatever reads a candidate. The counts are drawn with a fixed seed and add up over
categories, quarters and cohorts as real ones do, so that disclosure control has real work; no
delivery, dbt or warehouse is needed. ``python -m tests.candidate_kit DIR`` writes one to look at.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.disclosure.earlier import Edition
from pipelines.disclosure.primary import Selection
from pipelines.disclosure.table import ROW_SCHEMA
from pipelines.lineage import LINEAGE_SCHEMA
from pipelines.periods import Period, quarters
from pipelines.registry import CROSSED, Indicator, Registry
from pipelines.release.candidate import Vintage, build_candidate
from pipelines.settings import Country
from pipelines.testimony.gather import NONE, Testimony

COUNTRY = Country(
    code="ZZ",
    names={"en": "Zedland", "es": "Zedlandia"},
    publisher="Independent observatory of Zedland",
    contact="observatory@example.org",
)
PERIOD = "2024Q4"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

_CATEGORIES = {
    "sex": {"female": 60, "male": 34, "other": 2, "unknown": 4},
    "age_band": {"9-17": 8, "18-24": 28, "25-34": 36, "35-49": 20, "50+": 5, "unknown": 3},
    "form": {"sexual": 40, "labour": 38, "domestic_servitude": 10, "several": 8, "unknown": 4},
    "residence": {"irregular": 35, "temporary": 25, "asylum_seeker": 20, "citizen": 20},
    "region": {"north": 40, "south": 35, "islands": 5, "unknown": 20},
    "channel": {"criminal": 45, "labour": 30, "civil": 15, "state_fund": 10},
    "sector": {"A": 30, "F": 30, "I": 25, "T": 15},
    "stratum": {"shelter": 50, "outreach": 35, "former": 15},
}
_PEOPLE = ["sex", "age_band", "form", "residence", "region"]
_PARTS = {
    "remedy_funnel": {
        "informed": "Told of their rights",
        "free_aid": "Had free legal aid",
        "claimed": "Claimed a remedy",
        "granted": "Were granted a remedy",
        "paid": "Were paid in full",
    },
    "inspection_firewall": {
        "no_immigration": "No immigration officers present",
        "no_police": "No police present",
        "no_status_check": "No status check",
        "no_sharing": "No data passed on",
    },
}


class Recipe(NamedTuple):
    """What to make up for one indicator."""

    id: str
    theme: str
    title: str
    source: str
    unit: str
    method: str
    horizons: list[int]
    breakdowns: list[str]
    paragraphs: list[int]
    size: int
    share: float
    better: str


_PROVIDER, _INSPECTION, _SURVEY = "service_provider", "labour_inspection", "survivor_survey"
RECIPES = [
    Recipe("retrafficking_service_recorded", "retrafficking", "Trafficked again after support",
           _PROVIDER, "spells", "AJ", [12, 24, 36], _PEOPLE, [55, 72], 1600, 0.06, "lower"),
    Recipe("inclusion_secure_residence", "inclusion", "Secure residence after first contact",
           _PROVIDER, "persons", "S", [12, 24], _PEOPLE, [18, 22], 1900, 0.3, "higher"),
    Recipe("inclusion_unconditional_support", "inclusion", "Support without conditions",
           _PROVIDER, "episodes", "P", [], _PEOPLE, [19, 37, 42, 53], 600, 0.62, "higher"),
    Recipe("inclusion_sustained_support", "inclusion", "Still in support after a year",
           _PROVIDER, "persons", "S", [12], _PEOPLE, [21, 72], 1500, 0.41, "higher"),
    Recipe("remedy_funnel", "remedy", "From information to payment",
           _PROVIDER, "persons", "P", [36], _PEOPLE, [37, 71], 1800, 0.7, "higher"),
    Recipe("remedy_granted", "remedy", "Decisions that grant a remedy",
           _PROVIDER, "claims", "P", [], ["channel", "sex", "form", "channel*sex"], [37, 71], 330,
           0.44, "higher"),
    Recipe("remedy_paid", "remedy", "Awards that were paid",
           _PROVIDER, "claims", "R", [], ["channel"], [37], 250, 0.27, "higher"),
    Recipe("inspection_firewall", "inspection", "Inspections apart from immigration control",
           _INSPECTION, "inspections", "P", [], ["region", "sector"], [17, 67], 900, 0.55,
           "higher"),
    Recipe("inspection_wages_recovered", "inspection", "Wages recovered for workers",
           _INSPECTION, "inspections", "R", [], ["region", "sector"], [37, 69], 900, 0.48,
           "higher"),
    Recipe("participation_response", "participation", "Survivors who answered the survey",
           _SURVEY, "invitations", "P", [], ["stratum"], [24], 520, 0.38, "higher"),
]  # fmt: skip


def registry() -> Registry:
    """Registry entries of the ten indicators, in the shape of the real ones."""
    return Registry(
        indicators={recipe.id: _entry(recipe) for recipe in sorted(RECIPES)},
        caveats={
            "detected_not_prevalence": "These figures count people who were detected or supported.",
            "suppressed_is_not_zero": "A hidden number protects people. It is not zero.",
        },
    )


def _entry(recipe: Recipe) -> Indicator:
    parts = _PARTS.get(recipe.id, {})
    bounds = {
        "unknown_low": "If none of the unknown had the outcome",
        "unknown_high": "If all of the unknown had the outcome",
    }
    measures = {} if recipe.id == "remedy_funnel" else {"value": recipe.title}
    return Indicator(
        id=recipe.id,
        theme=recipe.theme,  # type: ignore[arg-type]  # checked by the model
        title=recipe.title,
        explanation=(
            f"{recipe.title}: how many of the {recipe.unit} counted had this outcome. People whom "
            "no organisation knows are not counted."
        ),
        paragraphs=recipe.paragraphs,
        sources=[recipe.source],  # type: ignore[list-item]
        population={  # type: ignore[arg-type]
            "kind": "cohort" if recipe.horizons else "flow",
            "origin": "contact" if recipe.horizons else "event",
            "unit": recipe.unit,
            "definition": f"All {recipe.unit} that a reporting organisation recorded.",
        },
        method=[recipe.method],  # type: ignore[list-item]
        measures={**measures, **(bounds if measures and recipe.method != "R" else {}), **parts},
        competing=["died"] if recipe.method == "AJ" else [],
        horizons=recipe.horizons,
        breakdowns=recipe.breakdowns,
        unit="share",
        contributor="person_id" if recipe.method == "R" else None,
        better=recipe.better,  # type: ignore[arg-type]
        caveats=["detected_not_prevalence", "suppressed_is_not_zero"],
    )


def lineage() -> pa.Table:
    """What the provider's indicators rest on: who people are, and for two of them the outcome."""
    people = [recipe.id for recipe in RECIPES if recipe.breakdowns == _PEOPLE]
    found = [(one, "persons", "sex", "sex") for one in people]
    found += [(one, "case_events", "outcome", "") for one in ("remedy_funnel", "remedy_granted")]
    return pa.Table.from_pylist(
        [dict(zip(LINEAGE_SCHEMA.names, row, strict=True)) for row in found], LINEAGE_SCHEMA
    )


def rows(seed: int = 7, late: int = 0, only: Sequence[str] = ()) -> pa.Table:
    """Contracted result rows of all ten indicators, 2019 to 2024.

    ``late`` counts how often a few people more have become known, in about a third of all periods;
    ``only`` names the indicators that are wanted, where not all are.
    """
    random = Random(seed)
    found = [row for recipe in RECIPES if not only or recipe.id in only
             for row in _rows_of(recipe, random, late)]  # fmt: skip
    random.shuffle(found)
    return pa.Table.from_pylist(found, schema=ROW_SCHEMA)


def vintage(aside: bool = True) -> Vintage:
    """Four deliveries of three sources; one survey wave was set aside unless told otherwise."""
    plain = [
        ("a" * 64, _PROVIDER, "11" * 16, "2024Q4", "accepted"),
        ("b" * 64, _INSPECTION, "22" * 16, "2024Q4", "accepted"),
        ("c" * 64, _SURVEY, "33" * 16, "2024Q4", "accepted"),
        ("d" * 64, _SURVEY, "44" * 16, "2022Q2", "aside" if aside else "accepted"),
    ]
    span = {text: Period.parse(text) for *_, text, _ in plain}
    deliveries = pa.Table.from_pylist(
        [
            {
                "delivery_id": delivery,
                "status": status,
                "source": source,
                "provider_key": provider,
                "country": COUNTRY.code,
                "period": period,
                "period_first_month": span[period].first,
                "period_last_month": span[period].last,
                "sent_month": span[period].last + 1,
                "synthetic": True,
                "cutoff_month": Period.parse(PERIOD).last,
                "erasures": "",
                "corrections": "",
                "drifted": "",
                "corrects": False,
            }
            for delivery, source, provider, period, status in plain
        ]
    )
    return Vintage("f" * 64, deliveries)


def candidate(
    out: Path,
    period: str = PERIOD,
    key: Ed25519PrivateKey = KEY,
    *,
    withheld: Sequence[Selection] = (),
    challenged: Sequence[str] = (),
    table: pa.Table | None = None,
    audit: bool = False,
    country: Country = COUNTRY,
    earlier: Sequence[Edition] = (),
    aside: bool = True,
    testimony: Testimony = NONE,
) -> Path:
    """Build the made-up candidate below ``out`` (as ``out/ZZ/<period>``); returns its folder.

    ``table`` are other rows than the kit's, ``aside`` is that of ``vintage``.
    """
    return build_candidate(
        rows() if table is None else table,
        vintage=vintage(aside),
        country=country,
        period=period,
        registry=registry(),
        lineage=lineage(),
        code_hash="0" * 64,
        earlier=earlier,
        key=key,
        out=out,
        withheld=withheld,
        challenged=challenged,
        testimony=testimony,
        audit=audit,
    )


def _rows_of(recipe: Recipe, random: Random, late: int) -> list[dict[str, Any]]:
    cohort = bool(recipe.horizons)
    base = [str(year) for year in range(2019, 2024)] if cohort else quarters("2021Q1", 16)
    pools = ["2019-2021", "2020-2022", "2021-2023"] if cohort else _LONGER
    drawn = {span: _draw(recipe, random, recipe.size * random.uniform(0.8, 1.2)) for span in base}
    for time in range(late):
        later = Random(f"{recipe.id} {time}")
        for span in base:
            few = later.choice([0, 0, 0, 0, 2, 5, 30])
            drawn[span] = drawn[span] + _draw(recipe, later, few)
    for pool in pools:
        whole = Period.parse(pool)
        inside = [counts for span, counts in drawn.items() if _in(span, whole, pool)]
        drawn[pool] = sum(inside, start=Counter())
    found = []
    for span, counts in drawn.items():
        for breakdown, category in sorted({(b, c) for b, c, _ in counts}):
            cell = {what: counts[breakdown, category, what] for what in (*_STEPS, "d", "u", "w")}
            found += _cell_rows(recipe, span, breakdown, category, cell)
    return found


_LONGER = ["2021", "2022", "2023", "2024", "2021-2023", "2022-2024"]
_STEPS = ("s0", "s1", "s2", "s3", "s4")


def _in(span: str, whole: Period, pool: str) -> bool:
    """Whether a base span belongs to a longer one (base spans are all of one length)."""
    return span != pool and span not in _LONGER[4:] and whole.contains(Period.parse(span)) and (
        ("Q" in span) != ("-" in pool)
    )  # fmt: skip


def _draw(recipe: Recipe, random: Random, people: float) -> Counter[tuple[str, str, str]]:
    """Each unit's steps reached, drawn once, and its category in every breakdown."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for _ in range(round(people)):
        what = ["u"] if random.random() < 0.12 else ["d"]
        if what == ["d"]:
            for step in _STEPS:
                if random.random() > recipe.share and not (recipe.method == "AJ" and what[1:]):
                    if recipe.method == "AJ":
                        continue
                    break
                what.append(step)
        owed = random.randint(200, 5000)
        drawn: dict[str, str] = {}
        for breakdown in ["total", *recipe.breakdowns]:
            if CROSSED in breakdown:
                category = CROSSED.join(drawn[one] for one in breakdown.split(CROSSED))
            else:
                weights = _CATEGORIES.get(breakdown, {"": 1})
                category = random.choices(list(weights), list(weights.values()))[0]
            drawn[breakdown] = category
            for one in what:
                counts[breakdown, category, one] += 1
            counts[breakdown, category, "w"] += owed if "d" in what else 0
    return counts


def _cell_rows(
    recipe: Recipe, span: str, breakdown: str, category: str, cell: dict[str, int]
) -> list[dict[str, Any]]:
    known, unknown = cell["d"], cell["u"]
    if recipe.method == "AJ":  # who was lost from sight is of those who were followed
        known += unknown
    key = {"indicator_id": recipe.id, "country": COUNTRY.code, "breakdown": breakdown,
           "category": category, "unit": "share", "method": recipe.method}  # fmt: skip
    found = []
    for number, horizon in enumerate(recipe.horizons or [None]):
        at = {**key, "cohort": span if horizon else "", "horizon_months": horizon,
              "period": _reached(span, horizon)}  # fmt: skip
        if int(at["period"][:4]) > 2024:
            continue
        measures = list(_PARTS.get(recipe.id, {}))
        if recipe.id != "remedy_funnel":
            measures.insert(0, "value")
        for step, measure in enumerate(measures):
            reached = cell[_STEPS[number if len(measures) == 1 else min(step, 4)]]
            if recipe.method == "R":
                owed, paid = cell["w"], cell["w"] * reached // max(known, 1)
                found.append(_row(at, measure, paid, owed, unknown, known))
            else:
                found.append(_row(at, measure, reached, known, unknown, known))
                if measure == "value":
                    whole = known + unknown
                    found.append(_bound(at, "unknown_low", reached, whole))
                    found.append(_bound(at, "unknown_high", reached + unknown, whole))
    return found


def _reached(span: str, horizon: int | None) -> str:
    return span if horizon is None else str(int(span[-4:]) + horizon // 12)


def _bound(at: dict[str, Any], measure: str, count: int, whole: int) -> dict[str, Any]:
    row = _row(at, measure, count, whole, 0, whole)
    return {**row, "ci_low": None, "ci_high": None, "known_share": None}


def _row(
    at: dict[str, Any], measure: str, numerator: int, denominator: int, unknown: int, units: int
) -> dict[str, Any]:
    followed = at["method"] == "AJ"
    share = numerator / denominator if denominator else None
    low, high = _wilson(share, units)
    return {
        **at,
        "measure": measure,
        "numerator": numerator,
        "denominator": denominator,
        "unknown": unknown,
        "units": units,
        "at_risk": (units - numerator) * 2 // 3 if followed else None,
        "known_share": _known_share(units, unknown, followed),
        "estimate": share,
        "ci_low": low,
        "ci_high": high,
        "std_error": None,
        "flag": "u" if followed and at["category"] == "asylum_seeker" else "",
    }


def _known_share(units: int, unknown: int, followed: bool) -> float | None:
    whole = units if followed else units + unknown
    return (whole - unknown) / whole if whole else None


def _wilson(share: float | None, units: int) -> tuple[float | None, float | None]:
    if share is None or not units:
        return None, None
    z = 1.959963984540054
    middle = (share + z * z / (2 * units)) / (1 + z * z / units)
    half = z / (1 + z * z / units) * sqrt(share * (1 - share) / units + z * z / (4 * units**2))
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    sys.stdout.write(f"{candidate(Path(sys.argv[1]))}\n")
