"""Published files read whole: totals counted here with plain loops, not with the readers' SQL."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.deliveries.context import ctdc, ilostat, jp_mhlw, uk_nrm, unodc
from pipelines.deliveries.drift import ColumnDrift, ColumnRule, compare


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_unodc_figures(shared_data: Path) -> None:
    path = shared_data / "truth" / "unodc_glotip.csv"
    rows = rows_of(path)
    assert len(rows) == 58_769
    often = Counter(tuple(row.values()) for row in rows)
    keys = Counter(
        (row["Iso3_code"], row["Indicator"], row["Dimension"], row["Category"].strip(), row["Sex"],
         row["Age"], row["Year"])
        for row in (dict(zip(rows[0], values, strict=True)) for values in often)
    )  # fmt: skip
    context = unodc.read(duckdb.connect(), path)
    assert context.note("exact_duplicate") == len(rows) - len(often) == 336
    assert context.note("small_count") == sum(row["txtVALUE"] == "<5" for row in rows) == 29_558
    assert context.note("illegible") == sum("\ufffd" in "".join(row.values()) for row in rows) == 98
    assert context.note("conflicting") == sum(number > 1 for number in keys.values())
    assert context.note("implausible") == 128
    assert context.note("unreadable") == 0
    assert context.rows.num_rows == len(keys)
    uk = [
        row
        for row in context.rows.to_pylist()
        if row["area"] == "GBR" and row["variable"] == "detected_trafficking_victims"
        and {row[name] for name in ("sex", "age", "form", "origin", "detail")} == {"total"}
    ]  # fmt: skip
    values = {row["period"]: int(row["value_low"]) for row in uk}
    assert (values["2016"], values["2017"]) == (601, 5_138)


def test_ilostat_visits_per_inspector_break_their_law_in_75_of_458(shared_data: Path) -> None:
    files = sorted((shared_data / "inspection" / "ilostat").glob("LAI_*.csv"))
    connection = duckdb.connect()
    context = ilostat.read(connection, files)
    assert context.rows.num_rows == sum(len(rows_of(path)) for path in files)
    law = ilostat.visits_law(connection, context.rows).to_pylist()
    assert (len(law), sum(row["broken"] for row in law)) == (458, 75)
    by_key = {(row["area"], row["period"]): row for row in law}
    assert by_key["AZE", "2015"]["broken"]
    assert not by_key["PRT", "2018"]["broken"]


def test_nrm_referrals_are_counted_once(shared_data: Path) -> None:
    path = shared_data / "truth" / "uk_nrm" / "nrm_referrals_longitudinal.csv"
    context = uk_nrm.read_longitudinal(duckdb.connect(), path)
    naive, counted = Counter[str](), Counter[str]()
    for row in rows_of(path):
        naive[row["Year"] + row["Quarter"]] += int(row["NRM referrals"])
    for row in context.rows.to_pylist():
        counted[row["period"]] += int(row["value_low"])
    assert (naive["2023Q4"], counted["2023Q4"]) == (8_284, 4_142)
    assert all(naive[quarter] == 2 * counted[quarter] for quarter in naive)
    years = Counter(
        {
            year: sum(n for q, n in counted.items() if q.startswith(year))
            for year in ("2022", "2023")
        }
    )
    assert years == {"2022": 16_921, "2023": 17_004}


@pytest.mark.parametrize(
    ("quarter", "naive", "counted"),
    [("2022_q2", 32_406, 4_171), ("2022_q3", 36_192, 4_586), ("2022_q4", 33_874, 4_417),
     ("2023_q1", 36_956, 4_746), ("2023_q2", 30_686, 3_998)],
)  # fmt: skip
def test_nrm_referrals_by_responder_are_counted_once(
    shared_data: Path, quarter: str, naive: int, counted: int
) -> None:
    path = shared_data / "truth" / "uk_nrm" / f"nrm_referrals_{quarter}.csv"
    rows = rows_of(path)
    dimensions = ("Exploitation type", "Age at exploitation", "Gender", "Nationality")
    # the publisher's own grand totals, one a type of responder
    grand: dict[str, float] = {}
    for row in rows:
        if all(row[name] == "Total" for name in dimensions):
            kind, people = row["First responder type"], float(row["People"])
            grand[kind] = max(grand.get(kind, 0), people)
    context = uk_nrm.read_referrals(duckdb.connect(), path, quarter.upper().replace("_", ""))
    assert sum(float(row["People"]) for row in rows) == naive
    assert sum(grand.values()) == counted
    assert sum(int(row["value_low"]) for row in context.rows.to_pylist()) == counted


@pytest.mark.parametrize(
    ("kind", "year", "positive", "decided"),
    [("reasonable", "2022", 14_826, 16_747), ("reasonable", "2023", 8_319, 15_247),
     ("conclusive", "2022", 5_502, 6_152), ("conclusive", "2023", 6_528, 9_825)],
)  # fmt: skip
def test_nrm_decisions_are_the_bulletins(
    shared_data: Path, kind: str, year: str, positive: int, decided: int
) -> None:
    path = shared_data / "truth" / "uk_nrm" / f"nrm_{kind}_grounds.csv"
    context = uk_nrm.read_grounds(duckdb.connect(), path)
    rows = [row for row in context.rows.to_pylist() if row["period"].startswith(year)]
    assert sum(int(row["value_low"]) for row in rows) == decided
    assert sum(int(row["value_low"]) for row in rows if row["detail"] == "positive") == positive


def decisions(shared_data: Path, length: int) -> dict[str, pd.DataFrame]:
    """One row a reasonable-grounds decision, by the first ``length`` characters of the quarter."""
    path = shared_data / "truth" / "uk_nrm" / "nrm_reasonable_grounds.csv"
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for row in uk_nrm.read_grounds(duckdb.connect(), path).rows.to_pylist():
        period = counts.setdefault(row["period"][:length], Counter())
        period[row["detail"], row["age"]] += int(row["value_low"])
    return {
        period: pd.DataFrame(list(counter.elements()), columns=["outcome", "age"])
        for period, counter in counts.items()
    }


def fall(frames: dict[str, pd.DataFrame], period: str) -> ColumnDrift:
    before = [frames[name] for name in sorted(frames) if name < period]
    rules = [ColumnRule("outcome", "category")]
    (column,) = compare("uk_nrm", "reasonable_grounds", frames[period], before, rules).columns
    return column


def test_the_fall_of_positive_grounds_in_2023_is_found_and_2022_is_quiet(shared_data: Path) -> None:
    years = decisions(shared_data, 4)
    shares = {year: (frame["outcome"] == "positive").mean() for year, frame in years.items()}
    assert (round(shares["2022"], 3), round(shares["2023"], 3)) == (0.885, 0.546)
    assert fall(years, "2023").drifted
    assert not fall(years, "2022").drifted


def test_the_fall_is_found_in_its_first_quarter(shared_data: Path) -> None:
    quarters = decisions(shared_data, 6)
    found = [
        quarter
        for quarter in sorted(quarters)
        if quarter >= "2020" and fall(quarters, quarter).drifted
    ]
    assert found[0] == "2023Q1"


def test_japanese_publications_are_all_counted(shared_data: Path) -> None:
    name = "jp_mhlw_labour_violation_publications_deidentified.csv"
    path = shared_data / "inspection" / name
    rows = rows_of(path)
    context = jp_mhlw.read(duckdb.connect(), path)
    assert sum(int(row["value_low"]) for row in context.rows.to_pylist()) == len(rows) == 3_780
    assert context.note("undated") == sum(not row["prosecution_date"] for row in rows) == 115
    other = sum(int(r["value_low"]) for r in context.rows.to_pylist() if r["form"] == "other")
    assert other <= 1 + sum("じん肺" in row["violation_law"] for row in rows) + 2


def test_ctdc_denominators_hold_only_records_that_say_something(shared_data: Path) -> None:
    path = shared_data / "case" / "ctdc_vp_synthetic_condensed.csv"
    rows = rows_of(path)
    known = sum(row["isForcedLabour"] == "1" or row["isSexualExploit"] == "1" for row in rows)
    shares = {share.indicator: share for share in ctdc.shares(duckdb.connect(), path)}
    assert {shares[name].denominator for name in ("isForcedLabour", "isSexualExploit")} == {known}
    assert shares["isForcedLabour"].numerator == sum(row["isForcedLabour"] == "1" for row in rows)
    context = ctdc.read(duckdb.connect(), path, "ctdc_victim_perpetrator_synthetic")
    records = [row for row in context.rows.to_pylist() if row["variable"] == "records"]
    assert sum(int(row["value_low"]) for row in records) == len(rows) == 21_195


def test_ctdcs_sentinel_is_never_a_value(shared_data: Path) -> None:
    path = shared_data / "case" / "ctdc_k_anonymised_2020_sample_recoded.csv"
    context = ctdc.read(duckdb.connect(), path, "ctdc_k_anonymised")
    text = {str(value) for row in context.rows.to_pylist() for value in row.values()}
    assert not text & {"-99", "00", "-99.0000"}
    threats = sum(row["control_threats"] == "1" for row in rows_of(path))
    assert (
        threats
        == 45
        == sum(
            int(row["value_low"])
            for row in context.rows.to_pylist()
            if row["variable"] == "means_of_control:control_threats"
        )
    )
