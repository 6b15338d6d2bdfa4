"""Estimates aim at what the generator knows.

Twenty seeds are twenty countries of one vintage. Their rows are those that the gate lands
(``test_coverage`` holds the two equal), and the warehouse is built of them as of any. Over the
yearly figures of all of them, the mean of each estimate lies as near to the generator's truth as
chance allows. Where people about to be retrafficked are lost first, the estimate falls short, as it
must, and the printed bounds hold the truth.
"""

import string
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import NormalDist
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from warehouse_kit import build_over

from pipelines.coverage import world
from pipelines.coverage.batch import land_written, write_landed
from pipelines.registry import load_registry
from pipelines.synthetic import Truth
from pipelines.synthetic.at_once import Run
from pipelines.synthetic.truth_rows import Expected

PEOPLE = 4_000
QUARTERS = 16
SEEDS = 20
CALM = [f"X{letter}" for letter in string.ascii_uppercase[:SEEDS]]
INFORMATIVE = ["QM", "QN", "QO", "QP"]

Row = dict[str, Any]
Key = tuple[Any, ...]
KEY = ("indicator_id", "measure", "horizon_months", "breakdown", "category")
EXPECTED = pa.schema(
    [
        ("aim", pa.float64()),
        ("indicator_id", pa.string()),
        ("measure", pa.string()),
        ("horizon_months", pa.int32()),
        ("breakdown", pa.string()),
        ("category", pa.string()),
        ("period", pa.string()),
        ("cohort", pa.string()),
    ]
)


@dataclass(frozen=True)
class Laboratory:
    """A warehouse of all countries, and the truth of either scenario."""

    warehouse: Path
    calm: Truth
    informative: Truth


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    root = tmp_path_factory.mktemp("laboratory")
    runs = [
        Run(
            country,
            seed,
            PEOPLE,
            QUARTERS,
            scenario=world.INFORMATIVE if country in INFORMATIVE else world.CALM,
        )
        for seed, country in enumerate([*CALM, *INFORMATIVE], start=1)
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        asked = ([[run] for run in runs], range(len(runs)), [root] * len(runs))
        list(pool.map(write_landed, *asked))

    def fill(connection: duckdb.DuckDBPyConnection) -> None:
        land_written(connection, root)

    return Laboratory(build_over(root, fill), runs[0].truth, runs[-1].truth)


# A share has the error it would have if the truth held: of few people, the observed tells little.
MEANS = """
with figures as (
    select
        estimates.*,
        expected.aim,
        case
            when method in ('P', 'S') then expected.aim * (1 - expected.aim) / denominator::double
            else std_error * std_error
        end as variance
    from ({union}) as estimates
    inner join expected using (indicator_id, measure, breakdown, category)
    where
        country in {countries}
        and estimates.horizon_months is not distinct from expected.horizon_months
        and estimate is not null
        and regexp_full_match(estimates.period, '[0-9]{{4}}')
        and regexp_full_match(estimates.cohort, '([0-9]{{4}})?')
        and expected.period in ('', estimates.period)
        and expected.cohort in ('', estimates.cohort)
)

select
    indicator_id,
    measure,
    horizon_months,
    breakdown,
    category,
    avg(estimate - aim) as bias,
    sqrt(sum(variance)) / count(*) as error,
    min(estimate) as lowest,
    max(estimate) as highest
from figures
group by all
order by all
"""


def means(laboratory: Laboratory, countries: list[str], wanted: list[Expected]) -> dict[Key, Row]:
    """Over countries and years, how far each figure is from its aim in the mean, by its key."""
    expected = pa.Table.from_pylist(
        [{"aim": aim(row), **asdict(row)} for row in wanted], schema=EXPECTED
    )
    with duckdb.connect(str(laboratory.warehouse), read_only=True) as connection:
        connection.register("expected", expected)
        tables = connection.sql(
            "select table_name from information_schema.tables where table_schema = 'indicators'"
        ).fetchall()
        union = " union all ".join(f"select * from indicators.{name}" for (name,) in tables)
        rows = connection.sql(MEANS.format(union=union, countries=tuple(countries)))
        return {tuple(row[name] for name in KEY): row for row in rows.to_arrow_table().to_pylist()}


def aim(row: Expected) -> float:
    """What the estimator aims at: among the known, where it counts a state among those."""
    return row.value if row.value_among_known is None else row.value_among_known


def test_the_mean_of_every_estimate_lies_as_near_to_the_truth_as_chance_allows(
    laboratory: Laboratory,
) -> None:
    wanted = laboratory.calm.expected
    found = means(laboratory, CALM, list(wanted))
    distances = {key: row["bias"] / row["error"] for key, row in found.items() if row["error"]}
    # Bonferroni: five per cent over all estimates, not each.
    allowed = NormalDist().inv_cdf(1 - 0.05 / 2 / len(distances))
    off = [f"{key}: {away:+.1f} errors" for key, away in distances.items() if abs(away) > allowed]
    assert not off, f"{len(off)} of {len(distances)} estimates:\n" + "\n".join(off)
    assert {key[0] for key in distances} == {
        name
        for name, indicator in load_registry().indicators.items()
        if indicator.sources != ["council_review"]  # nobody has reviewed these countries
    }
    keys = {tuple(getattr(row, name) for name in KEY) for row in wanted if row.breakdown == "total"}
    assert keys <= set(distances), "every truth of a total has its estimates"


@pytest.mark.parametrize("horizon", [12, 24, 36])
def test_informative_loss_biases_the_estimate_and_the_bounds_hold_the_truth(
    laboratory: Laboratory, horizon: int
) -> None:
    truth = laboratory.informative.value("retrafficking_service_recorded", horizon_months=horizon)
    measures = ("value", "unknown_low", "unknown_high")
    wanted = [
        Expected("retrafficking_service_recorded", measure, truth, horizon_months=horizon)
        for measure in measures
    ]
    found = means(laboratory, INFORMATIVE, wanted)
    value, low, high = (found[(wanted[0].indicator_id, m, horizon, "total", "")] for m in measures)
    assert value["bias"] < -3 * value["error"], "the bias that no estimator can see"
    assert low["highest"] < truth < high["lowest"], "in every country the bounds hold the truth"
