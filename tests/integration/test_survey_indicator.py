"""A survey wave on its way through dbt: estimator, contract, indicator rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from warehouse_kit import build_warehouse, key, query

BODY = key("body")


def test_weighted_shares_reach_the_indicator_contract(tmp_path: Path) -> None:
    frame = [
        {"wave": "2024Q2", "stratum": stratum, "margin": "total", "category": "all"}
        | {"eligible": eligible, "invited": 40, "provider_key": BODY}
        for stratum, eligible in (("a", 300), ("b", 100))
    ]
    frame += [
        {"wave": "2024Q2", "stratum": "a", "margin": margin, "category": category}
        | {"eligible": 400, "provider_key": BODY}
        for margin, category in (
            ("sex", "female"),
            ("age_band", "18-24"),
            ("residence_group", "secure"),
        )
    ]
    answers = [
        {"response_key": key(f"{stratum}{at}"), "wave": "2024Q2", "stratum": stratum}
        | {"disposition": "complete", "sex": "female", "age_band": "18-24"}
        | {"residence_group": "secure", "housing_secure": 5 if at < yes else 1}
        | {"provider_count": 1, "provider_key": BODY}
        for stratum, yes, of in (("a", 3, 10), ("b", 30, 40))
        for at in range(of)
    ]
    provider = {"provider_key": BODY, "kind": "survey_body", "region": "north"}
    tables = {
        "providers": [provider | {"observed_from": "2015-01"}],
        "survey_frame": frame,
        "survey_responses": answers,
    }
    warehouse = build_warehouse(tmp_path, tables)
    rows = query(
        warehouse,
        "from indicators.ind_inclusion_core_outcomes "
        "where measure = 'housing_secure' and breakdown = 'total'",
    )
    assert rows
    for row in rows:
        assert row["estimate"] == pytest.approx(0.4125)
        assert (row["numerator"], row["denominator"], row["method"]) == (33, 50, "W")
