"""Harm upheld, from the ballots to the released files: nothing there gives away what is withheld.

Two indicators hang together: whoever had a decision in their favour in one is the base of the
other. Withholding the first alone would print its counts as the second's bases.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipelines.disclosure.primary import Selection
from pipelines.disclosure.report import audit_folder
from pipelines.disclosure.withheld import computable_counts
from pipelines.participation import ledger
from pipelines.participation.box import Ballot
from pipelines.participation.models import Packet
from pipelines.participation.store import open_store
from pipelines.release.council import REVIEW, read_record
from pipelines.release.lock import BLINDING, LOCK, blinding_of
from pipelines.release.manifest import MANIFEST, file_entry, json_bytes, seal
from pipelines.release.release import Inputs, ReleaseError, build_release
from pipelines.release.reviewing import reviewed_candidate
from pipelines.release.rows_hash import rows_hashes
from pipelines.release.signers import read_rosters
from pipelines.release.signing import public_key, signing_key
from pipelines.release.verdicts import withhold
from pipelines.release.verify import verify
from pipelines.release.withholding import WithholdingError, hidden_since
from pipelines.release.write_csv import write_csv
from pipelines.release.write_parquet import write_parquet
from tests import candidate_kit, release_kit
from tests.release_kit import Reviewed, home_with_candidate, reviewed
from tests.unit.disclosure_rows import row, table

HELD, LINKED, APART = "remedy_granted", "participation_response", "inspection_firewall"
THRESHOLD = candidate_kit.COUNTRY.threshold
YEARS = range(2017, 2025)
PARTS = {"": "total", "female": "sex", "male": "sex"}


def _rows() -> list[dict[str, Any]]:
    found = []
    for number, year in enumerate(YEARS):
        granted = {"female": 60 + 7 * number, "male": 45 + 4 * number}
        decided = {category: 2 * n + 31 for category, n in granted.items()}
        for counts in (granted, decided):
            counts[""] = sum(counts.values())
        for category, n in granted.items():
            at = {"breakdown": PARTS[category], "category": category, "period": str(year)}
            found.append(row(n, decided[category], indicator_id=HELD, **at))
            if category == "":
                found.append(row(n // 2, n, indicator_id=LINKED, **at))
                measure = {"measure": "no_police"}
                found.append(row(3 * n, 5 * n + 17, indicator_id=APART, **at, **measure))
    return found


BUILD = partial(candidate_kit.candidate, table=table(*_rows()), audit=True)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    home = home_with_candidate(tmp_path_factory.mktemp("home"), build=BUILD)
    store = open_store(home)
    done = reviewed(home, store, {HELD: "harm"}, build=BUILD)
    done.publish()
    yield done
    store.engine.dispose()


def release(done: Reviewed) -> Path:
    return done.home.releases / "ZZ" / "2024Q4" / "v1"


def problems(folder: Path, done: Reviewed) -> list[str]:
    return verify(folder, public_key(done.home.keys / "observatory.pub")).problems()


def test_the_mark_alone_would_give_the_withheld_counts_away(done: Reviewed, tmp_path: Path) -> None:
    """The control: without protection the attacker reads them off the linked indicator."""
    seen = reviewed_candidate(done.home, done.review())
    spoilt = shutil.copytree(seen, tmp_path / "marked")
    only_marked = withhold(pq.read_table(seen / "indicators.parquet"), [HELD])
    write_csv(only_marked, spoilt / "indicators.csv")
    write_parquet(only_marked, spoilt / "indicators.parquet")
    assert computable_counts(spoilt, [HELD], THRESHOLD, linked_as_in=seen) >= len(YEARS) - 1


def test_the_attacker_computes_none_of_the_withheld_cells(done: Reviewed) -> None:
    folder = release(done)
    assert problems(folder, done) == []
    seen = reviewed_candidate(done.home, done.review())
    assert computable_counts(folder, [HELD], THRESHOLD) == 0
    assert computable_counts(folder, [HELD], THRESHOLD, linked_as_in=seen) == 0
    assert audit_folder(folder, THRESHOLD).passed
    marks = {
        (one["indicator_id"], one["mark"])
        for one in pq.read_table(folder / "indicators.parquet").to_pylist()
    }
    assert {mark for name, mark in marks if name == HELD} == {"h"}
    assert (LINKED, "c") in marks, "its bases are the withheld counts"


def test_what_has_no_part_in_it_says_what_it_said(done: Reviewed) -> None:
    seen = reviewed_candidate(done.home, done.review())
    before, after = (rows_hashes(one / "indicators.csv") for one in (seen, release(done)))
    assert before[APART] == after[APART]
    assert hidden_since(seen, release_candidate(done)) == sorted([HELD, LINKED])


def release_candidate(done: Reviewed) -> Path:
    """The candidate that the release was made of."""
    about = json.loads((release(done) / "release.json").read_bytes())
    return done.home.reviewed / str(about["candidate"])


def test_withholding_resets_no_ballot_and_the_verdicts_stand(done: Reviewed) -> None:
    with done.store.read() as session:
        packets = {one.indicator_id: one for one in session.scalars(sa.select(Packet))}
        assert session.scalars(sa.select(Ballot)).all() == []
    assert {one.resets for one in packets.values()} == {0}
    record = read_record(release(done))
    assert {name: one.verdict for name, one in record.indicators.items()} == {
        HELD: "withheld", LINKED: "endorsed", APART: "endorsed",
    }  # fmt: skip


def test_no_hash_of_the_withheld_rows_is_published(done: Reviewed) -> None:
    """Few rows with all but their counts known would be found by trying hash after hash."""
    record = read_record(release(done))
    assert record.hidden() == sorted([HELD, LINKED])
    seen = reviewed_candidate(done.home, done.review())
    secrets = {
        *(rows_hashes(seen / "indicators.csv")[name] for name in (HELD, LINKED)),
        *(file_entry(seen / name)["sha256"] for name in ("indicators.csv", "indicators.parquet")),
        (seen / BLINDING).read_text().strip(),
    }
    everything = b"".join(path.read_bytes() for path in release(done).rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret.encode() in everything]


def test_the_manifest_that_the_ledger_prints_can_not_be_tried_out(done: Reviewed) -> None:
    """Whoever guesses every figure still lacks what only the signing key can make."""
    lock = json.loads((reviewed_candidate(done.home, done.review()) / LOCK).read_bytes())
    drawn = {blinding_of(lock, key) for key in (signing_key(done.home.keys), candidate_kit.KEY)}
    assert len(drawn) == 2
    assert (
        blinding_of({**lock, "withheld": [{"indicator_id": HELD}]}, candidate_kit.KEY) not in drawn
    )


def test_the_ledger_leads_from_what_was_reviewed_to_what_was_released(done: Reviewed) -> None:
    (entry,) = [one for one in ledger.entries(done.home.ledger) if one.kind == "candidate_withheld"]
    assert entry.body["reviewed"] == done.review().manifest
    assert entry.body["manifest"] == file_entry(release_candidate(done) / MANIFEST)["sha256"]
    assert (entry.body["withheld"], entry.body["changed"]) == ([HELD], sorted([HELD, LINKED]))


def test_the_same_candidate_and_review_give_the_same_bytes(done: Reviewed, tmp_path: Path) -> None:
    folder = release(done)
    inputs = Inputs(
        candidate=release_candidate(done),
        record=read_record(folder),
        ledger=(folder / "ledger.jsonl").read_bytes(),
        rosters=read_rosters(folder / "signers.json"),
    )
    build_release(inputs, signing_key(done.home.keys), tmp_path / "again")
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes()


def test_a_candidate_that_does_not_hide_it_is_not_released(done: Reviewed, tmp_path: Path) -> None:
    seen = reviewed_candidate(done.home, done.review())
    inputs = Inputs(seen, read_record(release(done)), b"", [])
    with pytest.raises(ReleaseError, match=f"does not withhold what .*{HELD}"):
        build_release(inputs, signing_key(done.home.keys), tmp_path / "release")


def test_figures_that_came_out_otherwise_are_not_released(done: Reviewed, tmp_path: Path) -> None:
    other = table(*_rows(), row(40, 90, indicator_id=APART, measure="no_police", period="2016"))

    def other_figures(_: Path, withheld: Sequence[Selection], out: Path) -> Path:
        key = signing_key(done.home.keys)
        return candidate_kit.candidate(out, key=key, withheld=withheld, table=other)

    with pytest.raises(WithholdingError, match=f"rows of {APART} came out otherwise"):
        hidden_since(
            reviewed_candidate(done.home, done.review()), other_figures(tmp_path, (), tmp_path)
        )


def _resealed(folder: Path, done: Reviewed) -> list[str]:
    seal(folder, signing_key(done.home.keys))
    release_kit.sign(folder)
    return problems(folder, done)


def _clear_h(folder: Path) -> None:
    path = folder / "indicators.csv"
    path.write_bytes(path.read_bytes().replace(b",h,", b",c,", 1))


def _hide_more(folder: Path) -> None:
    record = json.loads((folder / REVIEW).read_bytes())
    record["indicators"][APART]["rows_hash"] = ""
    (folder / REVIEW).write_bytes(json_bytes(record))


def _unlock(folder: Path) -> None:
    lock = json.loads((folder / LOCK).read_bytes())
    (folder / LOCK).write_bytes(json_bytes({**lock, "withheld": []}))


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_clear_h, f"indicators.csv: the mark h on {HELD} is not what the council decided"),
        (_hide_more, "ledger.jsonl: it has no entry candidate_withheld"),
        (_unlock, "release.lock.json: it protects other rows"),
    ],
)
def test_even_with_every_key_nobody_else_moves_the_mark(
    done: Reviewed, tmp_path: Path, spoil: Any, named: str
) -> None:
    copy = shutil.copytree(release(done), tmp_path / "ZZ" / "2024Q4" / "v1")
    spoil(copy)
    assert any(problem.startswith(named) for problem in _resealed(copy, done))
