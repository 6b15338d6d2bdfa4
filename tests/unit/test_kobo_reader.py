"""Survey exports: every shape gives the same answers; the server's columns end at the boundary."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.deliveries.contract import contracts
from pipelines.deliveries.readers import reader
from pipelines.deliveries.readers.base import Raw, Translation
from pipelines.deliveries.readers.form_exports import Answers, delimiter_of
from tests.deliveries_kit import PROVIDER

FIXTURES = Path(__file__).parent.parent / "fixtures" / "kobo"
EXPORTS = ["kobo_groups_semicolon.csv", "kobo_flat_comma.csv", "odk_central.csv"]
CONTRACT = contracts()["survey_responses"]


def read(name: str) -> tuple[duckdb.DuckDBPyConnection, Raw, Translation]:
    connection = duckdb.connect()
    kobo = reader("kobo")
    raw = kobo.load(connection, FIXTURES / name, name, "raw_survey_responses")
    return connection, raw, kobo.translate(raw, CONTRACT, PROVIDER)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_gives_the_same_answers(name: str) -> None:
    connection, _, translation = read(name)
    rows = connection.execute(
        "select row_number, wave, stratum, disposition, housing_secure, rights_informed, "
        f"exploited_again, sex, provider_count, comment from ({translation.sql}) order by all"
    ).fetchall()
    assert rows == [
        (
            1,
            "2024Q4",
            "north",
            "complete",
            "4",
            "yes",
            "no",
            "female",
            "2",
            "It is quiet; I like it.",
        ),
        (2, "2024Q4", "north", "refusal", None, None, None, None, None, None),
        (3, "2024Q4", "south", "partial", None, "unknown", None, "male", None, None),
    ]
    assert translation.missing == ()


@pytest.mark.parametrize("name", EXPORTS)
def test_times_places_devices_and_senders_end_at_the_boundary_and_are_named(name: str) -> None:
    _, raw, translation = read(name)
    assert translation.unknown == ()
    kept = set(raw.columns) - set(translation.dropped)
    assert not [c for c in kept if c.startswith("_") or c in ("start", "end", "deviceid", "KEY")]
    assert "2" in next(why for why in translation.dropped.values() if "drift key" in why)


def test_a_question_nobody_knows_is_left_for_the_scan(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("response_key;wave;stratum;mothers_maiden_name\na;2024Q4;north;x\n")
    connection = duckdb.connect()
    raw = reader("kobo").load(connection, path, "export.csv", "raw_survey_responses")
    assert reader("kobo").translate(raw, CONTRACT, PROVIDER).unknown == ("mothers_maiden_name",)


def test_columns_the_contract_needs_are_missed_by_name(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("wave,housing_secure\n2024Q4,3\n")
    raw = reader("kobo").load(duckdb.connect(), path, "export.csv", "raw_survey_responses")
    missing = reader("kobo").translate(raw, CONTRACT, PROVIDER).missing
    assert missing == ("response_key", "stratum")


def test_the_separator_is_read_from_the_header(tmp_path: Path) -> None:
    for text, mark in (
        ("a;b;c\n", ";"),
        ("a,b\n", ","),
        ('"a;x","b;y",c\n', ","),
        ("alone\n", ";"),
    ):
        path = tmp_path / "file.csv"
        path.write_text(text)
        assert delimiter_of(path) == mark


SHAPES = {
    "summary": ("q", [("ForcedLabour Other",), ("Other",), (None,), ("Novel",)]),
    "details": (
        "g/q/ForcedLabour,g/q/Other,g/q/Novel",
        [("1", "1", "0"), ("0", "1", "0"), (None, None, None), ("0", "0", "1")],
    ),
    "both": (
        "g/q,g/q/ForcedLabour,g/q/Other,g/q/Novel",
        [("Other ForcedLabour", "1", "1", "0"), (None, "0", "1", "0"), (None, None, None, None),
         ("Novel", "0", "0", "1")],
    ),
    "labels": ("q", [("Forced labour; Other",), ("Other ",), ("",), ("Novel",)]),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_of_a_select_multiple_question_agree(shape: str) -> None:
    header, rows = SHAPES[shape]
    names = header.split(",")
    connection = duckdb.connect()
    connection.execute(
        f"create table raw ({', '.join(f'c{i} varchar' for i in range(len(names)))})"
    )
    connection.executemany(f"insert into raw values ({', '.join('?' * len(names))})", rows)
    answers = Answers(Raw("raw", {name: f"c{i}" for i, name in enumerate(names)}))
    sql = answers.several("Q", {"ForcedLabour": "labour", "Other": "other"})
    found = connection.execute(f"select {sql} from raw order by rowid").fetchall()
    assert found == [("labour;other",), ("other",), (None,), ("Novel",)]
    assert answers.used == set(names)
