"""Context tables from small files of our own: missing codes, ranges, nested totals, duplicates."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.deliveries.context import ctdc, ilostat, jp_mhlw, uk_nrm, unodc
from pipelines.deliveries.context.tidy import Context, ContextError, shares_of_known


def file(folder: Path, text: str) -> Path:
    path = folder / "source.csv"
    path.write_text(text, encoding="utf-8")
    return path


def column(context: Context, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in context.rows.to_pylist()]


UNODC = """Iso3_code,Country,Indicator,Dimension,Category,Sex,Age,Year,Unit,txtVALUE,Source
AAA,A,Persons convicted,Total,Total,Total,Total,2020,Counts,<5,GLOTIP
AAA,A,Persons convicted,Total,Total,Total,Total,2021,Counts,"1,204",GLOTIP
AAA,A,Persons convicted,Total,Total,Total,Total,2021,Counts,"1,204",GLOTIP
AAA,A,Persons convicted,Total,Total,Total,Total,2022,Counts,7,GLOTIP
AAA,A,Persons convicted,Total,Total,Total,Total,2022,Counts,9,GLOTIP
AAA,A,Persons convicted,by citizenship,nig\ufffdrien,Total,Total,2022,Counts,12,GLOTIP
AAA,A,Persons convicted,by citizenship,Abroad,Total,Total,2022,Counts,"6,112,019",GLOTIP
"""


def test_unodc_ranges_duplicates_conflicts_and_lost_characters(tmp_path: Path) -> None:
    context = unodc.read(duckdb.connect(), file(tmp_path, UNODC))
    assert column(context, "period", "origin", "value_low", "value_high", "status") == [
        ("2020", "total", Decimal(0), Decimal(4), "range"),
        ("2021", "total", Decimal(1204), Decimal(1204), ""),
        ("2022", "Abroad", None, None, "implausible"),
        ("2022", "nig\ufffdrien", Decimal(12), Decimal(12), "illegible"),
        ("2022", "total", Decimal(7), Decimal(9), "conflicting"),
    ]
    counted = {note.rule: note.count for note in context.notes}
    assert counted == {
        "exact_duplicate": 1, "small_count": 1, "illegible": 1, "implausible": 1, "conflicting": 1,
    }  # fmt: skip


CTDC_HEADER = "yearOfRegistration,gender,ageBroad,CountryOfExploitation"
CTDC_EXAMPLE = f"""{CTDC_HEADER},isForcedLabour,isSexualExploit,isOtherExploit
2020,Woman,09--17,AAA,1,,
2020,Man,9--17,AAA,,1,
2020,Man,18--20,AAA,,,1
2020,,,,,,
2020,Woman,18--20,AAA,1,1,
"""


@pytest.mark.parametrize("missing", ["", "-99", "00"])
def test_the_codebooks_five_people_give_50_50_and_25_per_cent(tmp_path: Path, missing: str) -> None:
    rows = [line.split(",") for line in CTDC_EXAMPLE.splitlines()]
    text = "\n".join(",".join(cell or missing for cell in row) for row in rows)
    shares = ctdc.shares(duckdb.connect(), file(tmp_path, text))
    assert [(s.indicator, s.numerator / s.denominator) for s in shares] == [
        ("isForcedLabour", 0.5),
        ("isSexualExploit", 0.5),
        ("isOtherExploit", 0.25),
    ]


def test_ctdc_bands_are_one_band_and_missing_is_unknown(tmp_path: Path) -> None:
    context = ctdc.read(duckdb.connect(), file(tmp_path, CTDC_EXAMPLE), "ctdc_synthetic")
    records = [
        row for row in column(context, "variable", "age", "sex", "value_low") if row[0] == "records"
    ]
    assert sorted(row[1:] for row in records) == [
        ("18-20", "man", Decimal(1)),
        ("18-20", "woman", Decimal(1)),
        ("9-17", "man", Decimal(1)),
        ("9-17", "woman", Decimal(1)),
        ("unknown", "unknown", Decimal(1)),
    ]


NRM = """Year,Quarter,Age at exploitation,Location of exploitation,NRM referrals
2023,Q4,Adult (18 or over),Overseas,700
2023,Q4,Adult (18 or over),UK,300
2023,Q4,Adult (18 or over),Total,1000
2023,Q4,Child (17 or under),UK,40
2023,Q4,Child (17 or under),Total,40
"""


def test_nested_totals_are_checked_and_leave_only_their_parts(tmp_path: Path) -> None:
    context = uk_nrm.read_longitudinal(duckdb.connect(), file(tmp_path, NRM))
    assert sum(low for (low,) in column(context, "value_low")) == 1040
    assert context.note("total_row") == 2


def test_a_total_that_is_not_the_sum_of_its_parts_stops_the_file(tmp_path: Path) -> None:
    with pytest.raises(ContextError, match="1 totals are not the sum"):
        uk_nrm.read_longitudinal(duckdb.connect(), file(tmp_path, NRM.replace(",1000", ",1001")))


NRM_RESPONDERS = """First responder type,First responder,Exploitation type,Age at exploitation,Gender,Nationality,People
NGO,One,Labour,Adult (18 or over),Male,Ruritanian,2.0
NGO,One,Labour,Adult (18 or over),Male,Total,2.0
NGO,NGO total,Total,Total,Total,Ruritanian,2.0
NGO,NGO total,Total,Total,Total,Total,2.0
Police,Police total,Total,Total,Total,Ruritanian,5.0
Police,Police total,Total,Total,Total,Total,5.0
"""  # noqa: E501


def test_a_responder_type_with_nothing_but_its_total_is_a_part(tmp_path: Path) -> None:
    source = file(tmp_path, NRM_RESPONDERS)
    context = uk_nrm.read_referrals(duckdb.connect(), source, "2022Q2")
    assert column(context, "detail", "sex", "form", "value_low") == [
        ("NGO: One", "male", "labour", Decimal(2)),
        ("Police: Police", "total", "total", Decimal(5)),
    ]


def test_women_inspectors_are_never_taken_for_all(tmp_path: Path) -> None:
    texts = {
        "visits": "ref_area,indicator,time,obs_value\nAAA,LAI_VIST_NOC_NB,2019,1000\n",
        "inspectors": "ref_area,indicator,sex,time,obs_value\nAAA,LAI_INSP_SEX_NB,SEX_T,2019,10\n"
        "AAA,LAI_INSP_SEX_NB,SEX_F,2019,4\n",
        "ratio": "ref_area,indicator,time,obs_value,obs_status\nAAA,LAI_VDIN_NOC_RT,2019,90,E\n",
    }
    files = []
    for name, text in texts.items():
        files.append(tmp_path / f"{name}.csv")
        files[-1].write_text(text)
    connection = duckdb.connect()
    context = ilostat.read(connection, files)
    assert column(context, "variable", "sex", "status")[:2] == [
        ("lai_insp_sex_nb", "female", ""),
        ("lai_insp_sex_nb", "total", ""),
    ]
    (law,) = ilostat.visits_law(connection, context.rows).to_pylist()
    assert (law["computed"], law["published"], law["broken"]) == (100.0, 90.0, True)


def test_laws_are_told_in_every_spelling_and_undated_cases_stay(tmp_path: Path) -> None:
    text = (
        "labor_bureau,violation_law,prosecution_date\nX,労基法第37条,2020-01-02\n"
        "X,労働基準法第24条,2020-05-02\nX,労働安全安衛法第20条,\nX,最低賃金法第４条,2021-01-01\n"
    )
    context = jp_mhlw.read(duckdb.connect(), file(tmp_path, text))
    assert column(context, "period", "form", "value_low") == [
        ("2020", "labour_standards_act", Decimal(2)),
        ("2021", "minimum_wage_act", Decimal(1)),
        ("unknown", "industrial_safety_and_health_act", Decimal(1)),
    ]


def test_a_changed_header_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContextError, match="no column \\['txtVALUE'\\]"):
        unodc.read(duckdb.connect(), file(tmp_path, UNODC.replace("txtVALUE", "VALUE")))


def test_shares_of_known_forms_are_the_published_ones() -> None:
    # Eurostat 2023: 10,793 registered victims, 9,595 of them of a known form (news release, 2025).
    counts = {"sexual": 4_201, "labour": 3_457, "other": 1_937, "unknown": 10_793 - 9_595}
    shares = {form: round(100 * share, 1) for form, share in shares_of_known(counts).items()}
    assert shares == {"sexual": 43.8, "labour": 36.0, "other": 20.2}
    assert shares_of_known({"unknown": 3}) == {}
