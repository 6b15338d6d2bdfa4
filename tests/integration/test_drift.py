"""Drift: what moved is found in its own column, and quiet periods stay quiet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from host_watch import watched

from pipelines.deliveries.drift import ColumnDrift, ColumnRule, compare, rules_from_types

PROVIDER = "a" * 32
RULES = [
    ColumnRule("sex", "category"),
    ColumnRule("age_band", "category"),
    ColumnRule("exploitation_form", "multi"),
    ColumnRule("amount", "number"),
]
SHARES = {
    "sex": {"female": 0.60, "male": 0.35, "other": 0.01, "unknown": 0.04},
    "age_band": {"9-17": 0.15, "18-24": 0.30, "25-34": 0.35, "35-49": 0.15, "50+": 0.05},
    "exploitation_form": {"sexual": 0.4, "labour": 0.4, "labour;sexual": 0.12, "begging": 0.08},
}


def period(
    rng: np.random.Generator,
    rows: int,
    concentration: float | None = None,
    **changed: dict[str, float],
) -> pd.DataFrame:
    """Rows drawn from fixed shares; ``concentration`` lets the shares wander between periods."""
    columns: dict[str, object] = {}
    for name, shares in (SHARES | changed).items():
        weights = np.array(list(shares.values()))
        drawn = rng.dirichlet(weights * concentration) if concentration else weights
        columns[name] = rng.choice(list(shares), rows, p=drawn)
    amounts = rng.lognormal(7, 1, rows)
    return pd.DataFrame({**columns, "amount": np.where(rng.random(rows) < 0.3, np.nan, amounts)})


def references(rng: np.random.Generator, rows: int = 400) -> list[pd.DataFrame]:
    return [period(rng, rows) for _ in range(4)]


def moved(columns: list[ColumnDrift]) -> set[str]:
    return {column.column for column in columns if column.drifted}


def test_at_most_one_quiet_period_in_twenty_alarms() -> None:
    """200 periods in which nothing changed; in every other one the shares wander a little."""
    rng = np.random.default_rng(20_261_124)
    rules = [rule for rule in RULES if rule.kind != "multi"]
    alarms = 0
    for number in range(200):
        sizes = rng.integers(35, 1_500, 5)
        concentration = 500.0 if number % 2 else None
        now, *before = [period(rng, int(size), concentration) for size in sizes]
        alarms += bool(compare(PROVIDER, "persons", now, before, rules).drifted)
    assert alarms <= 10


@pytest.mark.parametrize("rows", [150, 600])
def test_a_moved_column_is_found_and_its_neighbours_are_not_blamed(rows: int) -> None:
    rng = np.random.default_rng(1)
    now = period(rng, rows, sex={"female": 0.35, "male": 0.60, "other": 0.01, "unknown": 0.04})
    assert moved(compare(PROVIDER, "persons", now, references(rng), RULES).columns) == {"sex"}


def test_one_code_of_a_multi_column_moves_by_itself() -> None:
    rng = np.random.default_rng(2)
    forms = {"sexual": 0.35, "labour": 0.2, "labour;sexual": 0.1, "begging": 0.35}
    report = compare(
        PROVIDER, "persons", period(rng, 500, exploitation_form=forms), references(rng), RULES
    )
    assert "exploitation_form:begging" in moved(report.columns)
    assert "exploitation_form:sexual" not in moved(report.columns)


def test_answers_that_stop_coming_and_amounts_in_another_unit_are_drift() -> None:
    rng = np.random.default_rng(3)
    now = period(rng, 500)
    now.loc[:150, "age_band"] = None
    now["amount"] *= 100
    assert moved(compare(PROVIDER, "persons", now, references(rng), RULES).columns) == {
        "age_band",
        "amount",
    }
    gone = compare(
        PROVIDER, "persons", period(rng, 500).drop(columns="sex"), references(rng), RULES
    )
    assert moved(gone.columns) == {"sex"}


def test_a_certain_but_small_change_in_a_large_period_is_quiet() -> None:
    rng = np.random.default_rng(4)
    before = [period(rng, 20_000) for _ in range(4)]
    now = period(rng, 20_000, sex={"female": 0.63, "male": 0.32, "other": 0.01, "unknown": 0.04})
    assert moved(compare(PROVIDER, "persons", now, before, RULES).columns) == set()


def test_our_own_distance_is_evidentlys_and_a_quiet_period_does_not_ask_it() -> None:
    rng = np.random.default_rng(8)
    now, before = period(rng, 500, sex={"female": 0.4, "male": 0.6}), references(rng)
    everything = compare(PROVIDER, "persons", now, before, RULES)
    nothing = compare(PROVIDER, "persons", now, before, RULES, ask_from=100)
    assert everything.asked
    assert not nothing.asked
    assert [column.value for column in nothing.columns] == pytest.approx(
        [column.value for column in everything.columns], abs=1e-9
    )
    near = compare(PROVIDER, "persons", now, before, RULES, ask_from=0.9)
    assert moved(near.columns) == moved(everything.columns) == {"sex"}


def test_only_the_last_four_periods_count() -> None:
    rng = np.random.default_rng(5)
    old = [period(rng, 400, sex={"female": 0.1, "male": 0.9}) for _ in range(6)]
    report = compare(PROVIDER, "persons", period(rng, 400), [*old, *references(rng)], RULES)
    assert report.drifted == []
    assert {column.reference_rows for column in report.columns} == {1_600}


@pytest.mark.parametrize(
    ("before", "note"),
    [
        (0, "fewer than 2 earlier periods"),
        (1, "fewer than 2 earlier periods"),
        (4, "fewer than 30 rows"),
    ],
)
def test_too_little_to_compare_is_said_and_is_not_an_alarm(before: int, note: str) -> None:
    rng = np.random.default_rng(6)
    report = compare(PROVIDER, "persons", period(rng, 20), [period(rng, 20)] * before, RULES)
    assert all(column.note.startswith(note) and column.value is None for column in report.columns)
    assert report.drifted == []
    assert json.loads(report.evidently_json) == {"metrics": [], "tests": []}


def test_the_kept_json_says_the_same_twice_and_holds_each_columns_own_threshold() -> None:
    rng = np.random.default_rng(7)
    now, before = period(rng, 300), references(rng)
    first, second = (compare(PROVIDER, "persons", now, before, RULES) for _ in range(2))
    assert first.evidently_json == second.evidently_json
    kept = {
        metric["config"]["column"]: metric for metric in json.loads(first.evidently_json)["metrics"]
    }
    for column in first.columns:
        assert kept[column.column]["value"] == column.value
        assert kept[column.column]["config"]["threshold"] == pytest.approx(
            column.threshold, abs=1e-6
        )
    assert "<html" in first.html()[:200].lower()


def test_the_distance_is_the_textbooks() -> None:
    now = pd.DataFrame({"sex": ["female"] * 50 + ["male"] * 50})
    before = pd.DataFrame({"sex": ["female"] * 90 + ["male"] * 10})
    (column,) = compare(
        PROVIDER, "persons", now, [before] * 2, [ColumnRule("sex", "category")]
    ).columns
    p, q = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    m = (p + q) / 2
    assert column.value == pytest.approx(
        np.sqrt((np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2), abs=1e-12
    )


def test_rows_of_one_person_count_as_one() -> None:
    """Fifty people with eight alike rows each are fifty observations, not four hundred."""
    rng = np.random.default_rng(8)

    def repeated(share: float) -> pd.DataFrame:
        sexes = np.where(np.arange(50) < 50 * share, "female", "male")
        frame = pd.DataFrame({"sex": sexes, "person_key": rng.permutation(50)})
        return pd.concat([frame] * 8, ignore_index=True)

    rules = [ColumnRule("sex", "category")]
    before = [repeated(share) for share in (0.50, 0.52, 0.48, 0.50)]
    now = repeated(0.68)
    (alone,) = compare(PROVIDER, "case_events", now, before, rules).columns
    (clustered,) = compare(PROVIDER, "case_events", now, before, rules, "person_key").columns
    assert alone.drifted
    assert not clustered.drifted
    assert clustered.value == alone.value


def test_keys_months_and_text_have_no_rule() -> None:
    types = {"person_key": "key", "sex": "code", "event_month": "month", "services": "multi",
             "amount": "amount", "comment": "text", "in_work_at_start": "tri"}  # fmt: skip
    assert [(rule.column, rule.kind) for rule in rules_from_types(types)] == [
        ("sex", "category"),
        ("services", "multi"),
        ("amount", "number"),
        ("in_work_at_start", "category"),
    ]


def test_importing_the_module_does_not_import_the_report_library() -> None:
    code = "import sys, pipelines.deliveries.drift; sys.exit('evidently' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_comparison_asks_for_no_other_host(tmp_path: Path) -> None:
    environment, log = watched(tmp_path)
    code = (
        "import pandas as pd; from pipelines.deliveries.drift import ColumnRule, compare; "
        "frame = pd.DataFrame({'sex': ['female', 'male'] * 40}); "
        "compare('p', 'persons', frame, [frame] * 2, [ColumnRule('sex', 'category')]).html()"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert log.read_text(encoding="utf-8") == ""
