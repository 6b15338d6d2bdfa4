"""The coverage study in short: the same rows as delivered ones, and intervals that hold the truth.

Sixteen seeds can't show that 95 % are 95 %. What they can show is a gross fault: a figure fails
when chance alone explains it in less than one run of a hundred over all figures together, were its
coverage 93 % (exact binomial) and its bias 0.15 standard errors (normal).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.coverage.batch import figures_of, write_landed
from pipelines.coverage.judge import JUDGED, against_truth, shortcomings
from pipelines.coverage.report import LOSS, document, markdown
from pipelines.coverage.world import run
from pipelines.deliveries import attach_landing, current_vintage, ingest
from pipelines.deliveries.contract import contracts
from pipelines.paths import Home
from pipelines.registry import load_registry
from pipelines.synthetic import Scenario, synthesize
from pipelines.synthetic.at_once import Run

SEEDS = 16


def test_rows_in_memory_are_the_rows_that_are_delivered(tmp_path: Path) -> None:
    scenario = Scenario(defects=False, corrections=False)
    synthesize(tmp_path / "synthetic", 150, 5, 7, scenario=scenario)
    home = Home(tmp_path / "home")
    ingest(home, [tmp_path / "synthetic" / "deliveries"])
    write_landed([Run("ZZ", 7, 150, 5, scenario=scenario)], 0, tmp_path)
    with duckdb.connect() as connection:
        attach_landing(connection, home, current_vintage(home).hash)
        for name, contract in contracts().items():
            columns = ", ".join(column.name for column in contract.columns)
            assert rows(connection, columns, f"landing.{name}") == rows(
                connection, columns, f"'{tmp_path}/{name}/0.parquet'"
            ), name
        columns = (
            "source, provider_key, country, period_first_month, period_last_month, cutoff_month"
        )
        assert rows(connection, columns, "landing.vintage") == rows(
            connection, columns, f"'{tmp_path}/vintage/0.parquet'"
        )


def rows(connection: duckdb.DuckDBPyConnection, columns: str, relation: str) -> list[object]:
    return connection.sql(f"select {columns} from {relation} order by all").fetchall()


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    runs = [run(seed) for seed in range(1, SEEDS + 1)]
    runs += [run(seed, informative=True) for seed in range(1, 4)]
    return figures_of(runs, tmp_path_factory.mktemp("study"))


def test_intervals_hold_the_truth_and_bounds_what_loss_hides(figures: pa.Table) -> None:
    report = document(figures, SEEDS)
    assert report["falls_short"] == []
    judged = {
        name
        for name, indicator in load_registry().indicators.items()
        if set(indicator.method) & set(JUDGED) and indicator.sources != ["council_review"]
    }
    seen = {one["indicator_id"] for one in report["figures"] if one["method"] in JUDGED}
    assert judged <= seen, "every indicator has an interval that was judged"
    for one in report["informative_loss"]["bounds"]:
        assert one["held_with_chance"] == one["estimates"], "the bounds hold what loss hides"
    (year,) = [one for one in report["informative_loss"]["figures"] if one["horizon_months"] == 12]
    assert year["bias_errors"] < -0.5, "the bias that no estimator can see"
    assert LOSS in markdown(report)


def test_a_planted_fault_is_found(figures: pa.Table) -> None:
    """Intervals a quarter as wide, of the same figures, fall short: the study can fail."""
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        narrow = connection.sql(
            "select * replace (estimate + (ci_low - estimate) / 4 as ci_low, "
            "estimate + (ci_high - estimate) / 4 as ci_high) from figures"
        ).to_arrow_table()
    judged = against_truth(narrow, run(1).truth.expected)
    assert len(shortcomings(judged, in_all=len(judged))) > 20
