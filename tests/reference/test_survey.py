"""Survey estimates against R survey 4.1-1, on its own example: California's schools, 2000.

    library(survey); data(api)
    d  <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
    rs <- rake(d, list(~stype, ~sch.wide), list(
            data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)),
            data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))),
          control = list(maxit = 500, epsilon = 1e-9))
    svyciprop(~I(awards == "Yes"), x, method = "logit")      # estimate, SE, interval

The schools stand in for people: school type is the stratum, "met its school-wide target" the sex,
an award the answer yes. The clustered sample is read from R.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import svy
from r_kit import run_r

from pipelines.estimation.survey import estimate_shares

SCHOOLS = {"E": 4421, "H": 755, "M": 1018}
TARGET = {"No": 1072, "Yes": 5122}
# type, school-wide target, comparable improvement, award: schools of apistrat
STRATIFIED = [
    ("E", "No", "No", "no", 7),
    ("H", "No", "No", "no", 23),
    ("M", "No", "No", "no", 15),
    ("E", "Yes", "No", "no", 18),
    ("H", "Yes", "No", "no", 10),
    ("M", "Yes", "No", "no", 11),
    ("E", "No", "Yes", "no", 2),
    ("H", "No", "Yes", "no", 1),
    ("E", "Yes", "Yes", "yes", 73),
    ("H", "Yes", "Yes", "yes", 16),
    ("M", "Yes", "Yes", "yes", 24),
]
PERIODS = pa.table(
    {
        "country": ["ZZ"],
        "period": ["2000Q2"],
        "first_month": [24003],
        "last_month": [24005],
        "dimensions": [1],
    }
)


def shares(margins: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Estimates of apistrat as a wave, by item, breakdown and category.

    ``took_part`` is the award, ``rights_informed`` the award where improvement was comparable.
    """
    wave = {"country": "ZZ", "provider_key": "body", "wave": "2000Q2", "wave_closed_month": 24005}
    frame, answers = [], []
    for stratum, schools in SCHOOLS.items():
        asked = sum(number for kind, *_, number in STRATIFIED if kind == stratum)
        listed = {"margin": "total", "category": "all", "eligible": schools, "invited": asked}
        frame.append({**wave, "stratum": stratum, **listed})
    for margin, counts in margins.items():
        for category, eligible in counts.items():
            listed = {"margin": margin, "category": category, "eligible": eligible}
            frame.append({**wave, "stratum": "E", **listed, "invited": None})
    for stratum, target, improved, award, number in STRATIFIED:
        for _ in range(number):
            answers.append(
                {
                    **wave,
                    "response_key": f"{len(answers):032x}",
                    "stratum": stratum,
                    "disposition": "complete",
                    "sex": target if "sex" in margins else "all",
                    "age_band": "all",
                    "residence_group": "all",
                    "provider_count": 1,
                    "took_part": award,
                    "rights_informed": award if improved == "Yes" else "unknown",
                }
            )
    for margin in {"sex", "age_band", "residence_group"} - margins.keys():
        listed = {"margin": margin, "category": "all", "eligible": sum(SCHOOLS.values())}
        frame.append({**wave, "stratum": "E", **listed, "invited": None})
    found = estimate_shares(
        pa.Table.from_pylist(answers),
        pa.Table.from_pylist(frame),
        PERIODS,
        ("took_part", "rights_informed"),
    )
    return {(row["item"], row["breakdown"], row["category"]): row for row in found.to_pylist()}


def assert_equals_r(row: Mapping[str, Any], *expected: float) -> None:
    found = [row[name] for name in ("estimate", "std_error", "ci_low", "ci_high")]
    assert found == [pytest.approx(value, rel=1e-8) for value in expected]


def test_strata_and_finite_population_equal_r() -> None:
    row = shares({})["took_part", "total", ""]  # x = d
    assert_equals_r(
        row, 0.6389360640505779, 0.0344059179972689, 0.5687210988680469, 0.7036757793682563
    )
    assert (row["yes"], row["no"], row["unknown"], row["flag"]) == (113, 87, 0, "")


def test_raking_and_the_variance_of_its_residuals_equal_r() -> None:
    found = shares({"sex": TARGET})
    assert_equals_r(  # x = rs
        found["took_part", "total", ""],
        0.6381988542323791,
        0.0290555474162238,
        0.5791774527845951,
        0.6933255054744496,
    )
    assert_equals_r(  # x = subset(rs, stype == "H")
        found["took_part", "stratum", "H"],
        0.3187343625453589,
        0.0716499783620017,
        0.1942405269189290,
        0.4758935869857132,
    )
    assert_equals_r(  # x = subset(rs, sch.wide == "Yes")
        found["took_part", "sex", "Yes"],
        0.7717695632521325,
        0.0351366772093256,
        0.6951176161736886,
        0.8337589411890145,
    )


def test_a_question_left_open_by_some_equals_r_on_those_who_answered_it() -> None:
    row = shares({"sex": TARGET})["rights_informed", "total", ""]
    assert_equals_r(  # x = subset(rs, comp.imp == "Yes")
        row, 0.974305320018552, 0.014543523235595, 0.923047594466114, 0.991726484515329
    )
    assert (row["yes"], row["no"], row["unknown"]) == (113, 3, 84)
    assert row["unknown_low"] < row["estimate"] < row["unknown_high"]


def test_the_library_equals_r_on_clusters_and_on_a_raked_mean(tmp_path: Path) -> None:
    # c <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc); svyciprop as above
    # svymean(~api00, rake(c, <the same margins>)): 641.2303 SE 23.7036
    data = tmp_path / "apiclus1.csv"
    columns = "c('dnum', 'stype', 'sch.wide', 'awards', 'api00', 'pw', 'fpc')"
    run_r("survey", "data(api)", f"write.csv(apiclus1[, {columns}], '{data}', row.names = FALSE)")
    schools = pl.read_csv(data, schema_overrides={"pw": pl.Float64, "fpc": pl.Float64})
    sample = svy.Sample(schools, svy.Design(psu="dnum", wgt="pw", pop_size="fpc"))
    (award,) = (x for x in sample.estimation.prop("awards").estimates if x.y_level == "Yes")
    assert award.est == pytest.approx(0.7103825136608528, rel=1e-9)
    assert award.se == pytest.approx(0.0330182995537189, rel=1e-9)
    assert award.lci == pytest.approx(0.6348391916101837, rel=1e-9)
    assert award.uci == pytest.approx(0.7758165114458115, rel=1e-9)
    raked = sample.weighting.rake(controls={"stype": SCHOOLS, "sch.wide": TARGET}, tol=1e-9)
    (score,) = raked.estimation.mean("api00").estimates
    assert score.est == pytest.approx(641.2303, abs=1e-4)
    assert score.se == pytest.approx(23.7036, abs=1e-4)
