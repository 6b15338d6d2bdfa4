"""Multiple systems estimation against the published figures of the United Kingdom, 2013.

Counts: Home Office, "Modern Slavery: an application of multiple systems estimation" (Silverman
2014): local authorities, NGOs, police with the National Crime Agency, other government, public.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.estimation.mse import RefusedTable, estimate_population

FIVE = ("LA", "NG", "PFNCA", "GO", "GP")
COUNTS = {
    "LA": 54,
    "NG": 463,
    "PFNCA": 995,
    "GO": 695,
    "GP": 316,
    "LA NG": 15,
    "LA PFNCA": 19,
    "LA GO": 3,
    "NG PFNCA": 62,
    "NG GO": 19,
    "NG GP": 1,
    "PFNCA GO": 76,
    "PFNCA GP": 11,
    "GO GP": 8,
    "LA NG PFNCA": 1,
    "LA NG GO": 1,
    "NG PFNCA GO": 4,
    "LA NG PFNCA GO": 1,
}


def uk_2013() -> pa.Table:
    marks = {name: [int(name in key.split()) for key in COUNTS] for name in FIVE}
    return pa.table({**marks, "count": list(COUNTS.values())})


def test_five_lists_give_the_published_estimate() -> None:
    # Published: 11,300 (10,000 to 13,000). In R 4.2, with every one of the 31 cells in `full`:
    #   s <- step(glm(count ~ LA + NG + PFNCA + GO + GP, poisson, full), trace = 0,
    #             scope = list(lower = ~ LA + NG + PFNCA + GO + GP, upper = <pairs that overlap>))
    #   b <- coef(summary(s))[1, ]; sum(full$count) + exp(b[1] + c(0, -1.96, 1.96) * b[2])
    #   11312.99  9884.379  13027.43; AIC(s) 127.5986
    found = estimate_population(uk_2013(), FIVE)
    assert found.seen == 2744
    assert round(found.estimate) == 11_313
    assert round(found.ci_low) == 9_884
    assert round(found.ci_high) == 13_027
    assert found.aic == pytest.approx(127.5986, abs=5e-5)
    assert set(found.interactions) == {
        ("LA", "NG"),
        ("LA", "PFNCA"),
        ("NG", "GO"),
        ("NG", "GP"),
        ("PFNCA", "GP"),
        ("GO", "GP"),
    }


def test_the_published_file_says_what_the_constants_say(shared_data: Path) -> None:
    file = shared_data / "truth" / "mse" / "UKdat_5.csv"
    published = pyarrow.csv.read_csv(file)
    assert estimate_population(published, FIVE) == estimate_population(uk_2013(), FIVE)


def test_the_command_prints_the_published_figure_or_every_reason(tmp_path: Path) -> None:
    path = tmp_path / "uk.csv"
    pyarrow.csv.write_csv(uk_2013(), path)
    told = CliRunner().invoke(app, ["unseen", str(path)])
    assert told.exit_code == 0
    assert "11,313 (9,884 to 13,027)" in told.stdout
    assert "on a list   2,744" in told.stdout
    thin = uk_2013().slice(0, 6)
    pyarrow.csv.write_csv(thin, path)
    refused = CliRunner().invoke(app, ["unseen", str(path)])
    assert isinstance(refused.exception, RefusedTable)
    pyarrow.csv.write_csv(thin.drop_columns("count"), path)
    nameless = CliRunner().invoke(app, ["unseen", str(path)])
    assert "has no column count" in str(nameless.exception)
