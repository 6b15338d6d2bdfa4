"""Estimates aim at what the generator knows.

Twenty seeds are twenty countries of one vintage, taken through the gate and the warehouse as any
delivery is. Over the yearly figures of all of them, the mean of each estimate lies within three
standard errors of the generator's truth. Where people about to be retrafficked are lost first, the
estimate falls short, as it must, and the printed bounds hold the truth.
"""

import string
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pytest
from warehouse_kit import build_over, query

from pipelines.deliveries import attach_landing, current_vintage, ingest
from pipelines.paths import Home
from pipelines.synthetic import Scenario, Truth, synthesize

PEOPLE = 4_000
QUARTERS = 16
SEEDS = 20
CALM = [f"X{letter}" for letter in string.ascii_uppercase[:SEEDS]]
INFORMATIVE = ["QM", "QN", "QO", "QP"]


@dataclass(frozen=True)
class Laboratory:
    """A warehouse of all countries, and the truth of either scenario."""

    warehouse: Path
    calm: Truth
    informative: Truth


def prepare(folder: Path, country: str, seed: int, informative: bool) -> Truth:
    """Synthesize one country and take it in, in a home of its own."""
    truth = synthesize(
        folder / "synthetic",
        PEOPLE,
        QUARTERS,
        seed,
        country=country,
        scenario=Scenario(defects=False, informative_loss=informative),
    )
    ingest(Home(folder), [folder / "synthetic" / "deliveries"])
    return truth


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    root = tmp_path_factory.mktemp("laboratory")
    countries = [*CALM, *INFORMATIVE]
    folders = [root / country for country in countries]
    informative = [country in INFORMATIVE for country in countries]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seeds = range(1, len(countries) + 1)
        truths = list(pool.map(prepare, folders, countries, seeds, informative))
    everyone = Home(root / "everyone")
    for folder in folders:
        for file in [*folder.glob("landing/*/*/*.parquet"), *folder.glob("register/*.json")]:
            place = everyone.root / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
    vintage = current_vintage(everyone).hash

    def land(connection: duckdb.DuckDBPyConnection) -> None:
        attach_landing(connection, everyone, vintage)

    return Laboratory(build_over(root, land), truths[0], truths[-1])


MEANS = """
with yearly as (
    select *
    from ({union})
    where
        country in {countries}
        and breakdown in ('total', 'sex', 'channel', 'stratum')
        and regexp_full_match(period, '[0-9]{{4}}')
        and regexp_full_match(cohort, '([0-9]{{4}})?')
        and estimate is not null
)

select
    indicator_id,
    measure,
    horizon_months,
    breakdown,
    category,
    {period} as period,
    count(*) as figures,
    avg(estimate) as mean,
    sqrt(sum(std_error * std_error)) / count(*) as error,
    min(estimate) as lowest,
    max(estimate) as highest
from yearly
group by all
order by all
"""


def means(laboratory: Laboratory, countries: list[str], by_period: bool) -> dict[tuple, dict]:
    """The mean of each estimate over countries (and years), by the key that truths have."""
    tables = query(
        laboratory.warehouse,
        "select table_name from information_schema.tables where table_schema = 'indicators'",
    )
    union = " union all ".join(f"select * from indicators.{row['table_name']}" for row in tables)
    rows = query(
        laboratory.warehouse,
        MEANS.format(
            union=union, countries=tuple(countries), period="period" if by_period else "''"
        ),
    )
    names = ("indicator_id", "measure", "horizon_months", "breakdown", "category", "period")
    return {tuple(row[name] for name in names): row for row in rows}


def aims(truth: Truth) -> dict[tuple, float]:
    """What the estimator aims at: among the known, where the method counts a state among those."""
    return {
        (
            row.indicator_id,
            row.measure,
            row.horizon_months,
            row.breakdown,
            row.category,
            row.period,
        ): row.value if row.value_among_known is None else row.value_among_known
        for row in truth.expected
    }


def test_the_mean_of_every_estimate_lies_within_three_standard_errors_of_the_truth(
    laboratory: Laboratory,
) -> None:
    found = means(laboratory, CALM, False) | means(laboratory, CALM, True)
    compared, off = 0, []
    for key, value in aims(laboratory.calm).items():
        row = found.get(key)
        if row is None or row["error"] is None:
            continue
        compared += 1
        if abs(row["mean"] - value) > 3 * row["error"]:
            distance = (row["mean"] - value) / row["error"]
            off.append(f"{key}: {row['mean']:.4f} for {value:.4f}, {distance:+.1f} errors away")
    assert compared > 50
    assert not off, f"{len(off)} of {compared} estimates:\n" + "\n".join(off)


def test_every_indicator_is_compared_with_the_truth(laboratory: Laboratory) -> None:
    known = {key[0] for key in aims(laboratory.calm)}
    found = {key[0] for key in means(laboratory, CALM, False)}
    assert found == known
    assert len(found) == 10


@pytest.mark.parametrize("horizon", [12, 24, 36])
def test_informative_loss_biases_the_estimate_and_the_bounds_hold_the_truth(
    laboratory: Laboratory, horizon: int
) -> None:
    found = means(laboratory, INFORMATIVE, False)
    key = ("retrafficking_service_recorded", "{}", horizon, "total", "", "")
    value, low, high = (
        found[tuple(part.format(measure) if part == "{}" else part for part in key)]
        for measure in ("value", "unknown_low", "unknown_high")
    )
    truth = laboratory.informative.value("retrafficking_service_recorded", horizon_months=horizon)
    assert value["mean"] < truth - 3 * value["error"], "the bias that no estimator can see"
    assert low["highest"] < truth < high["lowest"], "in every country the bounds hold the truth"
