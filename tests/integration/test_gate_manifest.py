"""Gate step 1: a delivery that is not what its manifest says is refused whole, and kept."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from pipelines.deliveries import Record, ingest
from pipelines.deliveries.unpacking import Limits
from pipelines.paths import Home
from tests.deliveries_kit import (
    everything_kept,
    key,
    rules,
    service_tables,
    sha256,
    survey_tables,
    take_in,
    write_delivery,
    write_manifest,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A delivery that would be accepted; each test spoils it in one way."""
    write_delivery(tmp_path / "sound", service_tables())
    return tmp_path / "sound"


def refused_at_step_1(home: Home, path: Path, rule: str, says: str) -> Record:
    record = take_in(home, path)
    assert record.status == "refused"
    assert record.step == 1
    assert rules(record) == {(1, rule)}
    assert says in record.findings[0].message
    assert (home.refused / record.delivery_id).is_dir()
    return record


def change_manifest(folder: Path, change: Callable[[dict], None]) -> None:
    path = folder / "delivery.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def zipped(folder: Path, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", compression) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return target


def test_a_sound_delivery_is_accepted_from_a_folder(home: Home, sound: Path) -> None:
    record = take_in(home, sound)
    assert (record.status, record.number, record.findings) == ("accepted", 1, [])
    assert sum(file.rows_landed for file in record.files) == 401


def test_a_sound_delivery_is_accepted_from_a_zip(home: Home, sound: Path) -> None:
    assert take_in(home, zipped(sound)).status == "accepted"


def test_wrong_hash(home: Home, sound: Path) -> None:
    (sound / "persons.csv").write_bytes((sound / "persons.csv").read_bytes() + b"\n")
    record = refused_at_step_1(home, sound, "wrong_hash", "send the delivery again")
    assert record.findings[0].file == "persons.csv"
    kept = home.refused / record.delivery_id / "persons.csv"
    assert kept.read_bytes() == (sound / "persons.csv").read_bytes()


def test_the_same_manifest_with_the_right_file_is_accepted_afterwards(
    home: Home, sound: Path
) -> None:
    right = (sound / "persons.csv").read_bytes()
    (sound / "persons.csv").write_bytes(right[:-1])
    refused = refused_at_step_1(home, sound, "wrong_hash", "")
    (sound / "persons.csv").write_bytes(right)
    assert take_in(home, sound).status == "accepted"
    assert not (home.refused / refused.delivery_id).exists()


def test_missing_file(home: Home, sound: Path) -> None:
    (sound / "persons.csv").unlink()
    record = refused_at_step_1(home, sound, "missing_file", "the delivery lacks it")
    assert record.findings[0].file == "persons.csv"


@pytest.mark.parametrize("path", ["../persons.csv", "/etc/hostname", "a/../../b.csv", "..\\b.csv"])
def test_path_traversal(home: Home, sound: Path, path: str) -> None:
    change_manifest(sound, lambda manifest: manifest["files"][1].update(path=path))
    refused_at_step_1(home, sound, "path_traversal", "outside the delivery")


def test_path_traversal_inside_a_zip(home: Home, sound: Path, tmp_path: Path) -> None:
    target = zipped(sound)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("../../escaped.csv", "x")
    refused_at_step_1(home, target, "path_traversal", "outside the archive")
    assert not list(tmp_path.parent.rglob("escaped.csv"))


def test_symbolic_link(home: Home, sound: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    (sound / "persons.csv").rename(outside)
    (sound / "persons.csv").symlink_to(outside)
    record = refused_at_step_1(home, sound, "symbolic_link", "send the file itself")
    assert not (home.refused / record.delivery_id / "persons.csv").exists()


def test_zip_bomb(home: Home, sound: Path) -> None:
    with (sound / "persons.csv").open("wb") as file:
        file.truncate(64 << 20)
    refused_at_step_1(home, zipped(sound), "zip_bomb", "unpacks to over")


def test_a_gigabyte_in_one_line_is_refused_without_reading_it(home: Home, sound: Path) -> None:
    with (sound / "persons.csv").open("wb") as file:
        file.write(b"person_key\n" + b"a" * 1_000_100)
        file.truncate(1 << 30)  # sparse: the rest takes no disk
    record = refused_at_step_1(home, sound, "long_line", "line 2 is over 1000000 bytes")
    kept = home.refused / record.delivery_id
    original = json.loads((kept / "original.json").read_text(encoding="utf-8"))
    assert original["original"] == str(sound)
    assert sorted(p.name for p in kept.iterdir()) == ["delivery.json", "original.json"]


def spoil(folder: Path, content: bytes) -> None:
    """Replace a file and give the manifest its new hash, so that only the content is wrong."""
    (folder / "persons.csv").write_bytes(content)

    def rehash(manifest: dict) -> None:
        for file in manifest["files"]:
            if file["path"] == "persons.csv":
                file["sha256"] = sha256(folder / "persons.csv")

    change_manifest(folder, rehash)


def test_nul_bytes(home: Home, sound: Path) -> None:
    spoil(sound, b"person_key\nabc\n\0\0\n")
    refused_at_step_1(home, sound, "nul_bytes", "line 3")


@pytest.mark.parametrize(
    "content", ["person_key\né\n".encode("latin-1"), "person_key\né\n".encode("utf-16")]
)
def test_wrong_encoding(home: Home, sound: Path, content: bytes) -> None:
    spoil(sound, content)
    refused_at_step_1(home, sound, "encoding", "as UTF-8")


def test_a_row_longer_than_the_header_is_named_and_not_quoted(home: Home, sound: Path) -> None:
    spoil(sound, b"provider_key,person_key\na,b\nsecretvalue,b,c\n")
    record = refused_at_step_1(home, sound, "unreadable_file", "row 2")
    assert "secretvalue" not in record.model_dump_json()


def test_size_limit(home: Home, sound: Path) -> None:
    limits = Limits(file_bytes=100)
    record = take_in(home, sound, limits=limits)
    assert rules(record) == {(1, "size_limit")}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("contract", "v9", "manifest_field"),
        ("period", "2024-Q4", "manifest_field"),
        ("surname", "Doe", "manifest_field"),
        ("format", "word", "format"),
        ("source", "labour_inspection", "table_of_other_source"),
        ("supersedes", "f" * 64, "unknown_superseded"),
    ],
)
def test_manifest_fields(home: Home, sound: Path, field: str, value: str, rule: str) -> None:
    change_manifest(sound, lambda manifest: manifest.update({field: value}))
    record = refused_at_step_1(home, sound, rule, "")
    assert "Doe" not in record.model_dump_json()


def test_a_needed_table_is_missed(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    del tables["persons"]
    write_delivery(tmp_path / "d", tables)
    refused_at_step_1(home, tmp_path / "d", "missing_table", "needs table persons")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"[" * 100_000])
def test_a_manifest_that_is_no_manifest(home: Home, sound: Path, content: bytes) -> None:
    (sound / "delivery.json").write_bytes(content)
    refused_at_step_1(home, sound, "manifest_unreadable", "delivery.json")


def test_something_that_is_no_zip(home: Home, tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_bytes(b"not a zip")
    refused_at_step_1(home, tmp_path / "d.zip", "manifest_unreadable", "")


def test_one_bad_delivery_does_not_stop_the_others(home: Home, sound: Path, tmp_path: Path) -> None:
    (sound / "persons.csv").unlink()
    write_delivery(
        tmp_path / "other", survey_tables(), source="survivor_survey", provider_key=key("body")
    )
    seen: list[tuple[int, int]] = []
    outcomes = ingest(
        home, [tmp_path], on_progress=lambda done, total, _: seen.append((done, total))
    )
    assert sorted(o.record.status for o in outcomes) == ["accepted", "refused"]
    assert seen == [(1, 2), (2, 2)]


def test_a_table_in_two_files(home: Home, sound: Path) -> None:
    (sound / "more.csv").write_bytes((sound / "persons.csv").read_bytes())
    tables = {f"{t}.csv": t for t in service_tables()}
    write_manifest(sound, {**tables, "more.csv": "persons"})
    refused_at_step_1(home, sound, "table_twice", "one file a table")


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(period="ana@example.org"),
        lambda manifest: manifest.update(sent_month="ana@example.org"),
        lambda manifest: manifest.update(format="ana@example.org"),
        lambda manifest: manifest.update({"ana@example.org": 1}),
        lambda manifest: manifest["files"][0].update(path="ana@example.org"),
        lambda manifest: manifest["files"][0].update(table="ana@example.org"),
    ],
)
def test_what_a_manifest_smuggles_is_not_recorded(
    home: Home, sound: Path, change: Callable[[dict], None]
) -> None:
    change_manifest(sound, change)
    record = take_in(home, sound)
    assert (record.status, record.step) == ("refused", 1)
    assert b"ana@example.org" not in everything_kept(home, but=home.refused)


@pytest.mark.parametrize(
    "name",
    [
        "Ana Example.csv",
        "Ana_Example.csv",
        "Ana Example/persons.csv",
        "A. Example",
        "Ana Example",
        "persons_612345678.csv",
        "X1234567.csv",
    ],
)
def test_a_file_named_after_somebody(home: Home, sound: Path, name: str) -> None:
    change_manifest(sound, lambda manifest: manifest["files"][0].update(path=name))
    record = refused_at_step_1(home, sound, "manifest_field", "name the file after its table")
    assert record.manifest is None


@pytest.mark.parametrize(
    "name",
    [
        "persons_2024Q4.csv",
        "2024/persons-2022-2024.csv",
        "ZZ.CSV",
        "Case Sheet.xlsx",
        "Survey_Responses.csv",
    ],
)
def test_a_file_named_after_what_it_holds_is_only_missing(
    home: Home, sound: Path, name: str
) -> None:
    change_manifest(sound, lambda manifest: manifest["files"][0].update(path=name))
    refused_at_step_1(home, sound, "missing_file", "the delivery lacks it")


def test_a_manifest_of_text_that_is_no_unicode(home: Home, sound: Path) -> None:
    change_manifest(sound, lambda manifest: manifest.update(period="\ud800"))
    refused_at_step_1(home, sound, "manifest_unreadable", "delivery.json")


def test_a_path_longer_than_a_name_can_be(home: Home, sound: Path) -> None:
    change_manifest(sound, lambda manifest: manifest["files"][0].update(path="é" * 200))
    refused_at_step_1(home, sound, "missing_file", "longer than a file's name can be")


@pytest.mark.parametrize("name", ["", "x" * 300, "persons.csv/x", "delivery.json/x"])
def test_a_zip_with_a_member_that_no_folder_can_hold(home: Home, sound: Path, name: str) -> None:
    target = zipped(sound)
    with zipfile.ZipFile(target, "a") as archive:
        member = zipfile.ZipInfo("x")
        member.filename = name
        archive.writestr(member, "x")
    refused_at_step_1(home, target, "unreadable_zip", "")


def test_a_zip_packed_in_an_odd_way(home: Home, sound: Path) -> None:
    refused_at_step_1(home, zipped(sound, zipfile.ZIP_LZMA), "unreadable_zip", "odd packing")


def test_a_zip_with_a_member_beyond_its_end(home: Home, sound: Path) -> None:
    target = zipped(sound)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("x", "x")
        archive.filelist[-1].header_offset = 2**63 + 1
    refused_at_step_1(home, target, "unreadable_zip", "no place in the file")


def damaged(content: bytes, at: float) -> bytes:
    """The bytes with eight of them overwritten, at a share of their length."""
    place = int(at * len(content))
    return content[:place] + b"\xff" * 8 + content[place + 8 :]


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_damaged_zip(home: Home, sound: Path, at: float) -> None:
    target = zipped(sound)
    target.write_bytes(damaged(target.read_bytes(), at))
    assert take_in(home, target).step == 1


@pytest.mark.parametrize("at", [0.3, 0.6, 0.99])
def test_a_damaged_workbook(home: Home, sound: Path, at: float) -> None:
    book = openpyxl.Workbook()
    book.active.append(["provider_key", "observed_from"])
    book.save(sound / "providers.xlsx")
    (sound / "providers.xlsx").write_bytes(damaged((sound / "providers.xlsx").read_bytes(), at))
    tables = {f"{t}.csv": t for t in service_tables() if t != "providers"}
    write_manifest(sound, {**tables, "providers.xlsx": "providers"})
    assert take_in(home, sound).step == 1
