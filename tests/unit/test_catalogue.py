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

CATALOGUE = {
    "inclusion": [
        "secure_residence",
        "unconditional_residence",
        "unconditional_support",
        "support_without_identification",
        "early_support_delay",
        "sustained_support",
        "open_accommodation",
        "work",
        "training",
        "stable_housing",
        "family_reunification",
        "child_guardian",
        "core_outcomes",
        "agency",
        "freedom_from_fear",
        "stigma",
    ],
    "retrafficking": [
        "service_recorded",
        "reidentified",
        "support_gap",
        "residence_gap",
        "after_return",
        "closed_shelter_gap",
        "self_reported",
        "followed_up",
    ],
    "remedy": [
        "informed",
        "legal_aid",
        "claimed",
        "granted",
        "time",
        "funnel",
        "paid",
        "state_fund",
        "forms",
        "status_gap",
        "appeals",
        "fair_treatment",
    ],
    "protection": ["not_charged", "not_detained", "child_detention", "service_firewall"],
    "inspection": [
        "firewall",
        "referral",
        "identification_gap",
        "coverage",
        "worker_led",
        "wages_recovered",
        "fees_reimbursed",
        "due_diligence",
        "public_contractors",
    ],
    "participation": ["response", "involvement", "reviewed", "answered", "changed"],
}
IDS = {f"{theme}_{name}" for theme, names in CATALOGUE.items() for name in names}


def test_nothing_is_measured_that_the_catalogue_does_not_name() -> None:
    assert set(load_registry().indicators) <= IDS
    assert {path.stem for path in INDICATOR_MODELS.glob("ind_*")} <= {f"ind_{one}" for one in IDS}


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
    assert assets == {f"ind_{name}" for name in load_registry().indicators}
    pages = {indicator_page(name) for name in IDS}
    assert len(pages) == len(IDS), "every indicator has a page of its own"
