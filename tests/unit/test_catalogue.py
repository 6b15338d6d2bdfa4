"""The catalogue of indicators: what the observatory promises to measure, and nothing else.

The list is reviewed by hand. Where the design's own table is present, the two must agree.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from dashboards.site.layout import indicator_page
from pipelines.assets.warehouse import INDICATORS
from pipelines.paths import CHECKOUT, INDICATOR_MODELS
from pipelines.registry import load_registry
from tests.catalogue import IDS


def test_all_of_the_catalogue_is_described_and_modelled_and_nothing_else() -> None:
    assert set(load_registry().indicators) == IDS
    models = {f"ind_{one}" for one in IDS}
    for suffix in ("sql", "yml"):
        assert {path.stem for path in INDICATOR_MODELS.rglob(f"*.{suffix}")} == models, suffix
    assert {path.suffix for path in INDICATOR_MODELS.rglob("*") if path.is_file()} == {
        ".sql",
        ".yml",
    }


def test_the_catalogue_is_the_design() -> None:
    place = os.environ.get("OBSERVATORY_DESIGN", CHECKOUT.parent / "shared" / "design")
    design = Path(place) / "indicators.md"
    if not design.is_file():
        pytest.skip(f"the design is not present: {design} (set OBSERVATORY_DESIGN)")
    rows = re.findall(r"(?m)^\| ([a-z]+_[a-z_]+) \|", design.read_text(encoding="utf-8"))
    assert sorted(rows) == sorted(IDS)


def test_every_indicator_has_model_description_asset_and_theme() -> None:
    for name, indicator in load_registry().indicators.items():
        assert indicator.theme == name.split("_")[0]
        assert (INDICATOR_MODELS / f"ind_{name}.sql").is_file()
        described = yaml.safe_load((INDICATOR_MODELS / f"ind_{name}.yml").read_text("utf-8"))
        assert described["unit_tests"], f"{name} has no unit test"
    assets = {key.path[-1] for key in INDICATORS}
    assert assets == {f"ind_{name}" for name in IDS}
    pages = {indicator_page(name) for name in IDS}
    assert len(pages) == len(IDS), "every indicator has a page of its own"
