"""The provider's tool: the same person, the same key; and nothing that identifies leaves."""

from __future__ import annotations

import ast
import csv
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.deliveries import pseudonymise as tool

KEY = bytes(range(32))
NAME = "María José de la Cruz"
BORN = tool.Birth(1994, 5)


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "custodian.key"
    tool.new_key(path)
    return path


@pytest.mark.parametrize(
    "spelling",
    [
        "MARIA JOSE DE LA CRUZ",
        "de la Cruz, María-José",
        "Mari\u0301a  Jose\u0301 de la Cruz",
        "cruz jose la maria DE",
    ],
)
def test_case_marks_and_order_of_name_parts_do_not_change_the_key(spelling: str) -> None:
    assert tool.person_key(KEY, spelling, BORN, "hn") == tool.person_key(KEY, NAME, BORN, "HN")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Søren Ærø", "Soren Aero"),
        ("O’Brien", "o'brien"),
        ("Straße", "STRASSE"),
        ("أَحْمَد", "احمد"),
        ("Đặng", "Dang"),
    ],
)
def test_letters_that_travel_documents_write_alike_are_alike(one: str, other: str) -> None:
    assert tool.normalise_name(one) == tool.normalise_name(other)


def test_scripts_whose_marks_are_vowels_keep_them() -> None:
    assert tool.normalise_name("किरण") != tool.normalise_name("करण")


def test_another_birth_month_country_or_key_is_another_person() -> None:
    keys = {
        tool.person_key(KEY, NAME, BORN, "HN"),
        tool.person_key(KEY, NAME, tool.Birth(1994, 6), "HN"),
        tool.person_key(KEY, NAME, tool.Birth(1994), "HN"),
        tool.person_key(KEY, NAME, BORN, "GT"),
        tool.person_key(KEY[::-1], NAME, BORN, "HN"),
    }
    assert len(keys) == 5
    assert all(len(key) == 32 and int(key, 16) >= 0 and key == key.lower() for key in keys)


def test_the_key_of_version_1_is_fixed() -> None:
    # From openssl dgst -sha256 -mac HMAC over the parts joined by 0x1f, not from this code.
    assert tool.person_key(KEY, NAME, BORN, "HN") == "f7233022d9d1e52096d6a8bc9ce49ecf"


def test_first_of_january_is_read_as_a_year_because_it_stands_for_an_unknown_day() -> None:
    assert tool.parse_birth("1990-01-01") == tool.parse_birth("1990") == tool.Birth(1990)
    assert tool.parse_birth("31/12/1990", "%d/%m/%Y") == tool.Birth(1990, 12)


def test_a_year_of_birth_gives_a_band_only_where_both_ages_fall_in_it() -> None:
    assert tool.band_at(tool.Birth(2000), "2023-06") == "18-24"
    assert tool.band_at(tool.Birth(2005), "2023-06") == "unknown"
    assert tool.band_at(tool.Birth(2005, 7), "2023-06") == "9-17"
    assert tool.band_at(tool.Birth(2005, 6), "2023-06") == "18-24"
    assert tool.band_at(None, "2023-06") == "unknown"


@given(st.integers(min_value=-5, max_value=200))
def test_every_age_has_one_band_of_the_contract(years: int) -> None:
    assert (tool.age_band(years) == "unknown") == (not 0 <= years <= 120)


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert tool.normalise_name(tool.normalise_name(text)) == tool.normalise_name(text)


PLAN = tool.Plan(
    {
        "given": "First",
        "family": "Last",
        "born": "DOB",
        "country": "Born in",
        "contact": "Seen",
        "refused": "No link",
        "case": "File",
    },
    months={"Ended": "end_month"},
    keep={"Sex": "sex"},
)
ROW = {
    "First": "María José",
    "Last": "de la Cruz",
    "DOB": "1994-05-17",
    "Born in": "HN",
    "Seen": "2023-02-09",
    "No link": "no",
    "File": "A-17",
    "Ended": "2024-01-31",
    "Sex": "female",
    "Phone": "555 0100",
}


def keys(rows: list[dict[str, str]], provider: str = "a" * 32) -> list[str]:
    return [row["person_key"] for row in tool.pseudonymise(rows, PLAN, KEY, provider)]


def test_a_row_leaves_with_months_bands_and_no_identity() -> None:
    (out,) = tool.pseudonymise([ROW], PLAN, KEY, "a" * 32)
    assert out == {
        "person_key": tool.person_key(KEY, NAME, BORN, "HN"),
        "first_contact_month": "2023-02",
        "age_band": "25-34",
        "linkage_refused": "no",
        "end_month": "2024-01",
        "sex": "female",
    }


def test_two_providers_agree_unless_the_person_refused_linkage() -> None:
    refused = ROW | {"No link": "yes"}
    assert keys([ROW], "a" * 32) == keys([ROW], "b" * 32)
    assert keys([refused], "a" * 32) == keys([refused], "a" * 32)
    assert len({*keys([ROW]), *keys([refused], "a" * 32), *keys([refused], "b" * 32)}) == 3


def test_strangers_without_name_or_birth_stay_two_people() -> None:
    nameless = ROW | {"First": "", "Last": " "}
    assert keys([nameless])[0] != keys([nameless | {"File": "A-18"}])[0]
    assert keys([nameless], "a" * 32) != keys([nameless], "b" * 32)
    with pytest.raises(tool.PseudonymiseError, match="row 1, column 'File'"):
        keys([nameless | {"File": ""}])


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"DOB": "17th of May"}, "DOB"),
        ({"Seen": "Feb 23"}, "Seen"),
        ({"Born in": "Honduras"}, "Born in"),
        ({"No link": "perhaps"}, "No link"),
        ({"Ended": "31.1.24"}, "Ended"),
    ],
)
def test_an_error_names_row_and_column_and_never_the_value(
    change: dict[str, str], column: str
) -> None:
    with pytest.raises(tool.PseudonymiseError) as error:
        keys([ROW, ROW | change])
    assert f"row 2, column {column!r}" in str(error.value)
    assert not any(value in str(error.value) for value in change.values())


def test_a_plan_that_would_let_identity_through_is_refused() -> None:
    with pytest.raises(tool.PseudonymiseError, match="would identify"):
        tool.Plan({"family": "Last", "born": "DOB"}, keep={"Last": "name"})
    with pytest.raises(tool.PseudonymiseError, match="would identify"):
        tool.Plan({"family": "Last", "born": "DOB"}, months={"DOB": "born"})
    with pytest.raises(tool.PseudonymiseError, match="no role"):
        tool.Plan({"family": "Last", "nickname": "Nick"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ab" * 31, "too short"),
        ("00" * 32, "not random"),
        ("correct horse battery staple", "hexadecimal"),
        ("", "too short"),
    ],
)
def test_a_weak_key_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "weak.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(tool.PseudonymiseError, match=why):
        tool.read_key(path)


def test_a_key_that_others_can_read_is_refused(key_file: Path) -> None:
    assert len(tool.read_key(key_file)) == 32
    key_file.chmod(0o640)
    with pytest.raises(tool.PseudonymiseError, match="chmod 600"):
        tool.read_key(key_file)
    with pytest.raises(FileExistsError):
        tool.new_key(key_file)


def test_it_runs_alone_without_site_packages_and_writes_whole_or_not_at_all(
    tmp_path: Path, key_file: Path
) -> None:
    alone = shutil.copy(tool.__file__, tmp_path / "pseudonymise.py")
    people = write_csv(tmp_path / "people.csv", [ROW, ROW | {"First": "Ana", "File": "A-18"}])
    out = tmp_path / "persons.csv"
    command = [
        sys.executable,
        "-I",
        "-S",
        str(alone),
        "--key-file",
        str(key_file),
        "--provider-key",
        "a" * 32,
        "--in",
        str(people),
        "--out",
        str(out),
        "--months",
        "Ended=end_month",
        "--keep",
        "Sex=sex",
        "--columns",
        "given=First",
        "family=Last",
        "born=DOB",
        "country=Born in",
        "contact=Seen",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Phone" in done.stderr
    assert "María" not in out.read_text() + done.stderr
    assert [list(row) for row in read_csv(out)] == [
        ["person_key", "first_contact_month", "age_band", "end_month", "sex"]
    ] * 2

    before = out.read_bytes()
    write_csv(people, [ROW, ROW | {"Seen": "yesterday"}])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "row 2, column 'Seen'" in done.stderr
    assert out.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_other_files_get_the_persons_key_in_place_of_the_case_number(
    tmp_path: Path, key_file: Path
) -> None:
    people = write_csv(tmp_path / "people.csv", [ROW, ROW | {"First": "Ana", "File": "A-18"}])
    event = {"File": "A-18", "On": "2023-05-06", "Type": "housing_gained", "Note": "Ana moved"}
    events = write_csv(tmp_path / "events.csv", [event, event | {"File": "A-17"}])
    plan = replace(PLAN, months={"On": "event_month"}, keep={"Type": "event_type", "Sex": "sex"})
    also = {events: tmp_path / "case_events.csv"}
    key = tool.read_key(key_file)
    notes = tool.convert(people, tmp_path / "persons.csv", plan, key, "a" * 32, also)
    persons = read_csv(tmp_path / "persons.csv")
    assert read_csv(tmp_path / "case_events.csv") == [
        {"person_key": row["person_key"], "event_month": "2023-05", "event_type": "housing_gained"}
        for row in reversed(persons)
    ]
    assert "Note" in " ".join(notes)

    write_csv(events, [event, event | {"File": "A-99"}])
    (tmp_path / "persons.csv").unlink()
    with pytest.raises(tool.PseudonymiseError, match=r"events.csv: row 2, column 'File'") as error:
        tool.convert(people, tmp_path / "persons.csv", plan, key, "a" * 32, also)
    assert "A-99" not in str(error.value)
    assert not (tmp_path / "persons.csv").exists()


def test_two_people_under_one_case_number_are_told(tmp_path: Path, key_file: Path) -> None:
    people = write_csv(tmp_path / "people.csv", [ROW, ROW | {"First": "Ana"}])
    also = {write_csv(tmp_path / "events.csv", [{"File": "A-17"}]): tmp_path / "out.csv"}
    plan = replace(PLAN, months={}, keep={})
    with pytest.raises(tool.PseudonymiseError, match="two people have this case"):
        tool.convert(people, tmp_path / "p.csv", plan, tool.read_key(key_file), "a" * 32, also)


def test_the_observatory_command_hands_everything_on(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["pseudonymise", "--new-key", str(tmp_path / "new.key")])
    assert done.exit_code == 0, done.output
    assert len(tool.read_key(tmp_path / "new.key")) == 32


def test_it_imports_only_the_standard_library() -> None:
    tree = ast.parse(Path(tool.__file__).read_text(encoding="utf-8"))
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
