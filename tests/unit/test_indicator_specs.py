"""Every indicator's dbt unit tests run with the very description that production reads.

In a dbt unit test the model's meta is out of reach, so each test overrides ``ind_spec``. An
override that drifted from the YAML would test an indicator that nobody publishes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.paths import INDICATOR_MODELS

FILES = sorted(INDICATOR_MODELS.glob("ind_*.yml"))
GRAIN = "One row per country, period, cohort, measure, horizon, breakdown and category."


def content(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_unit_tests_run_with_the_description_in_the_yaml(path: Path) -> None:
    entry = content(path)
    meta = {model["name"]: model["config"]["meta"] for model in entry["models"]}
    tests = entry.get("unit_tests", [])
    assert tests, f"{path.name} has no unit test"
    for test in tests:
        override = test["overrides"]["macros"]["ind_spec"]
        assert override == meta[test["model"]], test["name"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_descriptions_end_in_the_grain(path: Path) -> None:
    (model,) = content(path)["models"]
    assert model["description"].endswith(GRAIN)


def test_all_indicators_share_one_contract() -> None:
    contracts = {path.stem: content(path)["models"][0]["columns"] for path in FILES}
    plain = {
        name: [(column["name"], column["data_type"]) for column in columns]
        for name, columns in contracts.items()
    }
    first, *others = plain.values()
    assert all(other == first for other in others)


def test_every_indicator_model_is_described_and_every_description_has_a_model() -> None:
    models = {path.stem for path in INDICATOR_MODELS.glob("ind_*.sql")}
    assert models == {path.stem for path in FILES}
