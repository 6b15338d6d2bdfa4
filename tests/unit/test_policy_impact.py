"""policy_impact.csv: from a folder's published figures alone, in its words and the page's."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from dashboards.site.locale import load_locales
from dashboards.site.policies import policies, sentence
from pipelines.estimation.interrupted import REFUSALS
from pipelines.estimation.policy import SENTENCES
from pipelines.periods import quarters
from pipelines.release.formats.policy_impact import (
    UnknownSeries,
    figures_of,
    write_policy_impact,
)
from pipelines.release.forms_check import strange_files
from pipelines.release.reading import Candidate, Figure, read_candidate, read_policy_impact
from pipelines.settings import Country
from tests import candidate_kit

INDICATOR, OTHER = "inclusion_unconditional_support", "inspection_firewall"
REGISTER = {
    "policies": [
        {
            "id": "unconditional",
            "country": "ZZ",
            "month": "2019-01",
            "named_on": "2018-10",
            "what_changed": "=Support is unconditional.",
            "source": "Official Journal",
            "paragraphs": [37, 42],
            "indicators": [
                {"indicator": INDICATOR, "expected": "higher"},
                {"indicator": OTHER, "expected": "either"},
            ],
        }
    ]
}


def candidate(tmp_path: Path, register: dict[str, object], figures: list[Figure]) -> Candidate:
    lock = {"country": {"code": "ZZ", "policy_register": register}}
    (tmp_path / "release.lock.json").write_text(json.dumps(lock))
    entry = next(iter(candidate_kit.registry().indicators.values()))
    indicators = {name: entry.model_copy(update={"id": name}) for name in (INDICATOR, OTHER)}
    return Candidate(tmp_path, None, indicators, {}, tuple(figures))  # type: ignore[arg-type]


def figure(indicator: str, period: str, estimate: float | None, **more: object) -> Figure:
    blank = dict.fromkeys(Figure.__dataclass_fields__)
    texts = {"country": "ZZ", "cohort": "", "measure": "value", "breakdown": "total"}
    return Figure(
        **{
            **blank,
            **texts,
            "category": "",
            "unit": "share",
            "indicator_id": indicator,
            "period": period,
            "estimate": None if estimate is None else Decimal(f"{estimate:.4f}"),
            **more,
        }
    )


def series(indicator: str, level: float, size: int = 28) -> list[Figure]:
    noise = np.random.default_rng(1).normal(0, 0.01, size)
    values = 0.4 + noise + level * (np.arange(size) >= 16)
    return [figure(indicator, p, v) for p, v in zip(quarters("2015Q1", size), values, strict=True)]


def test_every_pair_has_a_row_and_a_refused_one_its_reason(tmp_path: Path) -> None:
    hidden = [replace(row, estimate=None) for row in series(OTHER, 0)]
    found = candidate(tmp_path, REGISTER, [*series(INDICATOR, 0.2), *hidden])
    write_policy_impact(found, tmp_path)
    moved, refused = read_policy_impact(tmp_path)
    assert moved["finding"] == "moved_as_expected"
    assert float(moved["level_low"]) < 0.2 < float(moved["level_high"])
    assert (moved["periods_before"], moved["periods_after"]) == ("16", "12")
    assert moved["what_changed"] == "'=Support is unconditional.", "no formula in a spreadsheet"
    assert (refused["finding"], refused["refusal"]) == ("refused", "no_figure")
    assert refused["refusal_period"] == "2015Q1"
    assert refused["level"] == refused["probability"] == ""


def test_a_country_without_a_register_has_no_file_and_one_that_is_left_over_goes(
    tmp_path: Path,
) -> None:
    (tmp_path / "policy_impact.csv").write_text("old")
    write_policy_impact(candidate(tmp_path, {}, []), tmp_path)
    assert not (tmp_path / "policy_impact.csv").exists()
    assert read_policy_impact(tmp_path) == []


def test_an_indicator_that_does_not_exist_is_named(tmp_path: Path) -> None:
    text = json.dumps(REGISTER).replace(OTHER, "inspection_nothing")
    with pytest.raises(UnknownSeries, match="policy unconditional: there is no inspection_nothing"):
        write_policy_impact(candidate(tmp_path, json.loads(text), []), tmp_path)


def test_a_series_has_one_figure_a_period(tmp_path: Path) -> None:
    from pipelines.estimation.policy_register import Series

    rows = [
        figure(INDICATOR, "2021", 0.1, horizon_months=12, cohort="2020"),
        figure(INDICATOR, "2022", 0.2, horizon_months=12, cohort="2021"),
        figure(INDICATOR, "2022", 0.3, horizon_months=24, cohort="2020"),
        figure(INDICATOR, "2022", 0.4, horizon_months=12, cohort="2019-2021"),
        figure(INDICATOR, "2020-2022", 0.5),
        figure(INDICATOR, "2022", 0.6, breakdown="sex", category="female"),
    ]
    found = figures_of(candidate(tmp_path, {}, rows), Series(indicator=INDICATOR))
    assert [str(row.estimate) for row in found] == ["0.1000", "0.2000"]


def test_every_sentence_and_refusal_is_said_in_every_language(tmp_path: Path) -> None:
    row = {
        "month": "2019-01",
        "unit": "share",
        "periods_before": "16",
        "periods_after": "3",
        "refusal_period": "2018-04",
        **dict.fromkeys(("level", "level_low", "level_high"), "0.031"),
        **dict.fromkeys(("slope", "slope_low", "slope_high"), "-0.02"),
    }
    for locale in load_locales():
        for key in SENTENCES:
            for refusal in REFUSALS if key == "refused" else [""]:
                said = sentence({**row, "finding": key, "refusal": refusal}, locale)
                assert "{" not in said
                assert locale.month("2019-01") in said
    english = load_locales()[0]
    said = sentence({**row, "finding": "moved", "refusal": ""}, english)
    assert "3.1 percentage points" in said


def test_what_the_country_wrote_is_escaped_and_marked_as_english() -> None:
    row = dict.fromkeys(("comparator", "level", "unit", "refusal_period"), "")
    row |= {
        "policy_id": "one",
        "month": "2019-01",
        "named_on": "2018-10",
        "what_changed": "<b>Rule</b>",
        "source": "Journal",
        "paragraphs": "37;42",
        "indicator_id": INDICATOR,
        "finding": "refused",
        "refusal": "never_moves",
        "periods_before": "",
        "periods_after": "",
    }
    spanish = next(locale for locale in load_locales() if locale.code == "es")
    (policy,) = policies([row], spanish)
    assert str(policy.what_changed) == '<span lang="en" dir="ltr">&lt;b&gt;Rule&lt;/b&gt;</span>'
    assert policy.paragraphs == "37, 42"


def test_a_built_candidate_carries_the_file_and_its_manifest_knows_it(tmp_path: Path) -> None:
    plain = candidate_kit.COUNTRY.model_dump()
    known = "participation_response"
    register = json.loads(json.dumps(REGISTER).replace(INDICATOR, known).replace(OTHER, known))
    register["policies"][0]["indicators"] = register["policies"][0]["indicators"][:1]
    country = Country.model_validate({**plain, "policy_register": register})
    built = candidate_kit.candidate(
        tmp_path, country=country, table=candidate_kit.rows(only=[known])
    )
    assert [row["indicator_id"] for row in read_policy_impact(built)] == [known]
    manifest = json.loads((built / "MANIFEST.json").read_text())
    assert "policy_impact.csv" in manifest
    assert "policy_impact.csv" in (built / "metadata.jsonld").read_text()
    assert read_candidate(built).figures
    assert strange_files(built) == []


def test_a_register_of_another_country_is_refused() -> None:
    with pytest.raises(ValueError, match="an entry is of ZZ; this is the file of YY"):
        Country.model_validate({"code": "YY", "policy_register": REGISTER})
