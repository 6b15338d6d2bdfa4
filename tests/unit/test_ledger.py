"""The ledger keeps every entry, notices every change, and survives a kill in the middle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.participation import ledger


def _three(path: Path) -> list[str]:
    return [ledger.append(path, "delivery", {"delivery_id": name}) for name in ("a", "b", "c")]


def test_entries_come_back_in_order_and_each_carries_the_hash_before(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.jsonl"
    hashes = _three(path)
    found = ledger.entries(path)
    assert [entry.seq for entry in found] == [1, 2, 3]
    assert [entry.previous for entry in found] == [ledger.GENESIS, *hashes[:2]]
    assert ledger.verify_chain(path) == hashes[-1]


def test_an_empty_ledger_has_no_entries_and_the_genesis_head(tmp_path: Path) -> None:
    assert ledger.entries(tmp_path / "none") == []
    assert ledger.verify_chain(tmp_path / "none") == ledger.GENESIS


def test_the_same_kind_and_body_add_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    hashes = _three(path)
    before = path.read_bytes()
    assert ledger.append(path, "delivery", {"delivery_id": "b"}) == hashes[1]
    assert path.read_bytes() == before
    assert ledger.append(path, "candidate", {"delivery_id": "b"}) not in hashes


def test_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    _three(tmp_path / "one")
    _three(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_torn_by_a_kill_is_cut_off_and_written_again(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "ledger.jsonl"
    hashes = _three(path)
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: -len(last)] + last[:kept])
    assert ledger.verify_chain(path) == hashes[1]
    assert ledger.append(path, "delivery", {"delivery_id": "c"}) == hashes[2]
    assert path.read_bytes() == whole


def _changed(line: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(line), **fields}).encode()


def test_a_changed_body_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    _three(path)
    lines = path.read_bytes().splitlines()
    lines[1] = _changed(lines[1], body={"delivery_id": "x"})
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(ledger.LedgerError, match=r"entry 2 \(delivery\): its content was changed"):
        ledger.verify_chain(path)


def test_nothing_is_added_behind_a_broken_entry(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    _three(path)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], lines[2]]) + b"\n")
    before = path.read_bytes()
    with pytest.raises(ledger.LedgerError, match="entry 2: it is numbered 3"):
        ledger.append(path, "delivery", {"delivery_id": "d"})
    assert path.read_bytes() == before


def test_a_replaced_entry_no_longer_leads_to_the_next(tmp_path: Path) -> None:
    path, other = tmp_path / "ledger.jsonl", tmp_path / "other.jsonl"
    _three(path)
    ledger.append(other, "delivery", {"delivery_id": "forged"})
    lines = path.read_bytes().splitlines()
    lines[0] = other.read_bytes().splitlines()[0]
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(ledger.LedgerError, match="entry 2: it does not follow entry 1"):
        ledger.verify_chain(path)


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    _three(path)
    path.write_bytes(path.read_bytes() + b"hello\n")
    with pytest.raises(ledger.LedgerError, match="entry 4: the line is not a ledger entry"):
        ledger.entries(path)
