"""Published tables land with where they came from; the known failures of real files are caught."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.deliveries.context.catalogue import CATALOGUE
from pipelines.deliveries.context.land import (
    CONTEXT_SUITES,
    Provenance,
    describe_context,
    land_context,
)
from pipelines.deliveries.context.tidy import Context, ContextError, tidy
from pipelines.deliveries.expectations import load_suites
from pipelines.deliveries.storage import write_bytes
from pipelines.paths import Home

DAY = "2026-11-24"
NRM = """Year,Quarter,Age at exploitation,Location of exploitation,NRM referrals
2023,Q4,Adult (18 or over),UK,3000
2023,Q4,Adult (18 or over),Total,3000
2023,Q4,Child (17 or under),UK,1141
2023,Q4,Child (17 or under),Total,1141
"""
UNODC = """Iso3_code,Indicator,Dimension,Category,Sex,Age,Year,txtVALUE
AAA,Persons convicted,Total,Total,Total,Total,2020,{}
AAA,Persons convicted,by citizenship,Abroad,Total,Total,2020,"6,112,019"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def file(folder: Path, name: str, text: str) -> Path:
    write_bytes(folder / name, text.encode())
    return folder / name


def rows(home: Home, record: Provenance, name: str = "rows") -> list[Any]:
    path = home.context / record.source / record.context_id / f"{name}.parquet"
    return duckdb.sql(f"select * from '{path}'").fetchall()


def test_a_published_table_lands_once_with_where_it_came_from(home: Home, tmp_path: Path) -> None:
    given = file(tmp_path, "nrm.csv", NRM)
    record = land_context(home, "uk_nrm_longitudinal", [given], DAY)
    assert (record.status, record.rows_landed, record.notes) == ("accepted", 2, {"total_row": 2})
    assert (record.publisher, record.licence) == ("UK Home Office", "Open Government Licence v3.0")
    assert (record.retrieved, record.files[0].bytes) == (DAY, len(NRM))
    again = land_context(home, "uk_nrm_longitudinal", [file(tmp_path, "b.csv", NRM)], "2027-01-01")
    assert again == record
    assert [row["source"] for row in describe_context(home)] == ["uk_nrm_longitudinal"]


def test_a_file_that_its_reader_does_not_know_is_refused_and_the_reason_is_kept(
    home: Home, tmp_path: Path
) -> None:
    wrong = file(tmp_path, "nrm.csv", NRM.replace("Total,3000", "Total,3001"))
    record = land_context(home, "uk_nrm_longitudinal", [wrong], DAY)
    assert record.status == "refused"
    assert "1 totals are not the sum of their parts" in record.reason
    folder = home.context / record.source / record.context_id
    assert [path.name for path in folder.iterdir()] == ["provenance.json"]
    assert json.loads((folder / "provenance.json").read_text())["reason"] == record.reason


def test_a_figure_without_a_value_goes_to_quarantine_under_its_rule(
    home: Home, tmp_path: Path
) -> None:
    record = land_context(home, "unodc_glotip", [file(tmp_path, "u.csv", UNODC.format("<5"))], DAY)
    assert (record.status, record.rows_landed, record.rows_quarantined) == ("accepted", 1, 1)
    assert [row[-1] for row in rows(home, record, "quarantine")] == ["implausible"]


def test_a_small_count_that_the_publisher_never_shows_sets_the_table_aside(
    home: Home, tmp_path: Path
) -> None:
    record = land_context(home, "unodc_glotip", [file(tmp_path, "u.csv", UNODC.format("3"))], DAY)
    assert record.status == "aside"
    assert record.expectations[0].startswith("numbers_below_5 is 1")


def _naive(connection: duckdb.DuckDBPyConnection, path: Path) -> Context:
    """A reader that keeps Total rows, as a plain sum over the file would."""
    return tidy(
        connection,
        f"""
        select 'uk_nrm' as source, 'GBR' as area, "Year" || "Quarter" as period,
            'referrals' as variable, "Age at exploitation" as age,
            'exploited in: ' || lower("Location of exploitation") as detail,
            "NRM referrals" as value_low, "NRM referrals" as value_high, 'people' as unit
        from read_csv('{path}', all_varchar = true)
        """,
    )


def test_nested_totals_counted_twice_are_8282_and_are_set_aside(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = file(tmp_path, "nrm.csv", NRM)
    right = land_context(home, "uk_nrm_longitudinal", [given], DAY)
    assert sum(int(row[9]) for row in rows(home, right)) == 4_141
    naive = dataclasses.replace(
        CATALOGUE["uk_nrm_longitudinal"],
        read=lambda connection, files, _: _naive(connection, files[0]),
    )
    monkeypatch.setitem(CATALOGUE, "naive", naive)
    wrong = land_context(home, "naive", [given], DAY)
    assert sum(int(row[9]) for row in rows(home, wrong)) == 8_282
    assert wrong.status == "aside"
    assert {message.split()[0] for message in wrong.expectations} == {
        "totals_left", "most_in_a_quarter",
    }  # fmt: skip


CTDC = "yearOfRegistration,gender,CountryOfExploitation,isForcedLabour,isSexualExploit\n"


def test_records_beyond_their_group_would_pass_100_per_cent(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three missing codes in one file: each is unknown, none is a record of the group."""
    text = CTDC + "2020,Woman,AAA,1,-99\n2020,Woman,AAA,00,\n2020,Woman,AAA,,1\n"
    record = land_context(home, "ctdc_synthetic", [file(tmp_path, "c.csv", text)], DAY)
    assert record.status == "accepted"
    counted = {row[3]: int(row[9]) for row in rows(home, record)}
    assert counted == {
        "records": 3,
        "exploitation:known": 2,
        "exploitation:isForcedLabour": 1,
        "exploitation:isSexualExploit": 1,
    }

    def beyond(connection: duckdb.DuckDBPyConnection, *_: object) -> Context:
        return tidy(
            connection,
            "select 'ctdc_synthetic' as source, 'AAA' as area, '2020' as period, variable, n as "
            "value_low, n as value_high, 'records' as unit from (values ('exploitation:known', 1), "
            "('exploitation:isForcedLabour', 2)) as t (variable, n)",
        )

    monkeypatch.setitem(
        CATALOGUE, "beyond", dataclasses.replace(CATALOGUE["ctdc_synthetic"], read=beyond)
    )
    wrong = land_context(home, "beyond", [file(tmp_path, "c.csv", text)], DAY)
    assert (wrong.status, wrong.expectations[0].split()[0]) == ("aside", "beyond_group")


def test_visits_that_break_their_law_are_noted_and_land(home: Home, tmp_path: Path) -> None:
    texts = {
        "visits": "ref_area,indicator,time,obs_value\nAAA,LAI_VIST_NOC_NB,2019,1000\n",
        "staff": "ref_area,indicator,sex,time,obs_value\nAAA,LAI_INSP_SEX_NB,SEX_T,2019,10\n",
        "ratio": "ref_area,indicator,time,obs_value\nAAA,LAI_VDIN_NOC_RT,2019,90\n",
    }
    files = [file(tmp_path, f"{name}.csv", text) for name, text in texts.items()]
    record = land_context(home, "ilostat", files, DAY)
    assert (record.status, record.rows_landed) == ("accepted", 3)
    assert [message.split()[0] for message in record.expectations] == ["law_broken_share"]
    assert land_context(home, "ilostat", files[::-1], DAY) == record


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("atlantis", DAY, ""), "not a known table; one of ctdc_k_anonymised"),
        (("uk_nrm_grounds", "yesterday", ""), "not the day of retrieval"),
        (("uk_nrm_referrals", DAY, ""), "needs its period, for example 2022Q2"),
        (("uk_nrm_grounds", DAY, "2022Q2"), "says its own periods"),
    ],
)
def test_a_wrong_call_says_what_to_write_and_keeps_nothing(
    home: Home, tmp_path: Path, call: tuple[str, str, str], message: str
) -> None:
    source, day, period = call
    with pytest.raises(ContextError, match=message):
        land_context(home, source, [file(tmp_path, "nrm.csv", NRM)], day, period)
    assert not home.context.exists()


def test_every_published_table_has_a_suite_and_every_expectation_its_reason() -> None:
    suites = load_suites(CONTEXT_SUITES)
    assert set(suites) == {published.suite for published in CATALOGUE.values()}
    for suite in suites.values():
        measures = suite["meta"]["measures"]
        for expectation in suite["expectations"]:
            assert expectation["kwargs"]["column"] in measures
            assert expectation["severity"] in ("critical", "warning")
            assert expectation["meta"]["reason"].endswith(".")


def test_the_real_files_land_and_their_known_failures_are_on_record(
    home: Home, shared_data: Path
) -> None:
    truth, inspection = shared_data / "truth", shared_data / "inspection"
    unodc = land_context(home, "unodc_glotip", [truth / "unodc_glotip.csv"], DAY)
    series = sorted((inspection / "ilostat").glob("LAI_*.csv"))
    ilostat = land_context(home, "ilostat", series, DAY)
    assert (unodc.rows_quarantined, unodc.notes["exact_duplicate"]) == (128, 336)
    assert (unodc.notes["small_count"], unodc.notes["illegible"]) == (29_558, 98)
    assert [message.split(". ")[0] for message in ilostat.expectations] == [
        f"law_broken_share is {round(75 / 458, 6)}"
    ]
    assert {unodc.status, ilostat.status} == {"accepted"}
