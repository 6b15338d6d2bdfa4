"""A release is built of a reviewed candidate, signed by two, and betrays any tampering."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipelines.participation.after_publication import lapse_take_downs, take_down
from pipelines.participation.ledger import entries, verify_chain
from pipelines.participation.models import Review
from pipelines.participation.policies import NotNow
from pipelines.participation.states import State
from pipelines.participation.store import Store, open_store
from pipelines.paths import Home
from pipelines.release.council import REVIEW, read_record
from pipelines.release.manifest import MANIFEST, json_bytes, seal
from pipelines.release.publishing import publish_release, releases_in_force
from pipelines.release.reading import read_candidate
from pipelines.release.release import Inputs, ReleaseError, build_release
from pipelines.release.revisions import REVISIONS
from pipelines.release.signers import read_rosters, sign_release, sign_roster
from pipelines.release.signing import find_public_key, public_key, signing_key
from pipelines.release.taking_down import apply_take_downs, pending_take_downs
from pipelines.release.verify import verify
from pipelines.scripted_release import review_and_sign
from pipelines.synthetic.council import SCRIPTED
from tests import candidate_kit, release_kit
from tests.release_kit import DATES, KEYS, Reviewed, home_with_candidate, reviewed
from tests.review_kit import COUNTRY, PERIOD, RAPPORTEUR

HARMED = "remedy_paid"
BUILD = partial(
    candidate_kit.candidate,
    table=candidate_kit.rows(
        only=[HARMED, "inspection_wages_recovered", "inclusion_sustained_support",
              "inclusion_unconditional_support", "participation_response"]
    ),
)  # fmt: skip
"""Five of the made-up indicators: as many as a scripted review needs to show every outcome."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    """Version 1 withheld nothing; version 2, of the same candidate, withholds one indicator."""
    home = home_with_candidate(tmp_path_factory.mktemp("home"), build=BUILD)
    store = open_store(home)
    reviewed(home, store, build=BUILD).publish()
    again = reviewed(home, store, {HARMED: "harm"}, build=BUILD)
    again.publish()
    yield again
    store.engine.dispose()


def version(done: Reviewed, number: int) -> Path:
    return done.home.releases / COUNTRY / PERIOD / f"v{number}"


def problems(folder: Path, done: Reviewed) -> list[str]:
    return verify(folder, public_key(done.home.keys / "observatory.pub")).problems()


@pytest.fixture
def copy(done: Reviewed, tmp_path: Path) -> Path:
    """Version 1 in a folder that may be spoilt, below the same names."""
    return shutil.copytree(version(done, 1), tmp_path / COUNTRY / PERIOD / "v1")


def resealed(folder: Path, done: Reviewed) -> list[str]:
    """What is still found when someone holds every key and seals the spoilt folder anew."""
    seal(folder, signing_key(done.home.keys))
    release_kit.sign(folder)
    return problems(folder, done)


def test_both_versions_verify_and_the_chain_holds(done: Reviewed) -> None:
    for number in (1, 2):
        assert problems(version(done, number), done) == []
    verify_chain(done.home.ledger)
    published = [one for one in entries(done.home.ledger) if one.kind == "release_published"]
    assert [one.body["version"] for one in published] == [1, 2]


def test_the_newer_version_supersedes_the_older(done: Reviewed) -> None:
    index = json.loads((done.home.releases / "index.json").read_bytes())
    assert [line["state"] for line in index] == [State.SUPERSEDED, State.PUBLISHED]
    assert releases_in_force(done.home) == [version(done, 2)]


def test_verdicts_and_the_mark_h_are_all_that_a_review_changes(done: Reviewed) -> None:
    before, after = (read_candidate(version(done, number)) for number in (1, 2))
    assert {figure.council_verdict for figure in before.figures} == {"endorsed"}
    for old, new in zip(before.figures, after.figures, strict=True):
        if new.indicator_id == HARMED:
            assert (new.mark, new.council_verdict, new.conf_status) == ("h", "withheld", "N")
            assert new.estimate is new.numerator is new.denominator is None
        else:
            assert new.mark == old.mark
            assert new.estimate == old.estimate
    revised = (version(done, 2) / REVISIONS).read_text(encoding="utf-8").splitlines()[1:]
    assert revised
    assert all(line.startswith(HARMED) and line.endswith("council") for line in revised)


def test_the_same_candidate_and_review_give_the_same_bytes(done: Reviewed, tmp_path: Path) -> None:
    first = version(done, 1)
    inputs = Inputs(
        candidate=done.home.candidates / COUNTRY / PERIOD,
        record=read_record(first),
        ledger=(first / "ledger.jsonl").read_bytes(),
        rosters=read_rosters(first / "signers.json"),
    )
    build_release(inputs, signing_key(done.home.keys), tmp_path / "again")
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (first / MANIFEST).read_bytes()


def test_any_changed_byte_of_any_file_is_named(done: Reviewed, copy: Path) -> None:
    names = [path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()]
    assert len(names) > 12
    for name in names:
        path = copy / name
        whole = path.read_bytes()
        for place in {0, len(whole) // 2, max(len(whole) - 1, 0)} if whole else ():
            spoilt = bytearray(whole)
            spoilt[place] ^= 1
            path.write_bytes(spoilt)
            assert any(name in problem for problem in problems(copy, done)), (name, place)
        path.write_bytes(whole)
    assert problems(copy, done) == []


def test_a_removed_or_added_file_is_named(done: Reviewed, copy: Path) -> None:
    (copy / "access.csv").rename(copy / "access2.csv")
    found = problems(copy, done)
    assert "access.csv is missing." in found
    assert "access2.csv was added after signing." in found


def _cut_entry(folder: Path) -> None:
    path = folder / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))


def _cut_end(folder: Path) -> None:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def _other_verdict(folder: Path) -> None:
    record = json.loads((folder / REVIEW).read_bytes())
    record["indicators"][HARMED]["verdict"] = "objected"
    (folder / REVIEW).write_bytes(json_bytes(record))


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_cut_entry, "ledger.jsonl, entry 2"),
        (_cut_end, "cut off its end"),
        (_other_verdict, "review_decided"),
    ],
)
def test_even_with_every_key_some_lies_are_named(
    done: Reviewed, copy: Path, spoil: Callable[[Path], None], named: str
) -> None:
    spoil(copy)
    assert any(named in problem for problem in resealed(copy, done))


def test_swapped_versions_are_named(done: Reviewed, tmp_path: Path) -> None:
    below = tmp_path / COUNTRY / PERIOD
    shutil.copytree(version(done, 1), below / "v2")
    assert any("versions were swapped" in problem for problem in problems(below / "v2", done))


def test_a_replayed_review_is_named(done: Reviewed, tmp_path: Path) -> None:
    """The first version's review under the second version's figures, all sealed and signed anew."""
    spoilt = shutil.copytree(version(done, 2), tmp_path / COUNTRY / PERIOD / "v2")
    shutil.copyfile(version(done, 1) / REVIEW, spoilt / REVIEW)
    assert any(
        problem.startswith(f"{REVIEW} is the review of") for problem in resealed(spoilt, done)
    )
    about = json.loads((spoilt / "release.json").read_bytes())
    (spoilt / "release.json").write_bytes(json_bytes({**about, "version": 1}))
    again = spoilt.rename(spoilt.with_name("v1"))
    assert any("used a second time" in problem for problem in resealed(again, done))


def test_a_forged_signature_is_named(done: Reviewed, copy: Path) -> None:
    sign_release(copy, "council", KEYS["rapporteur"][0], DATES.publishes_on)
    assert any("MANIFEST.council.sig" in problem for problem in problems(copy, done))
    (copy / "MANIFEST.council.sig").unlink()
    assert "MANIFEST.council.sig is missing: the council has not signed." in problems(copy, done)


def test_an_alternate_signs_after_five_days_of_silence(done: Reviewed, copy: Path) -> None:
    alternate = KEYS["council"][1]
    sign_release(copy, "council", alternate, DATES.publishes_on + dt.timedelta(days=4))
    assert any("turn of those before" in problem for problem in problems(copy, done))
    sign_release(copy, "council", alternate, DATES.publishes_on + dt.timedelta(days=5))
    assert problems(copy, done) == []


def test_keys_rotate_only_with_a_key_of_each_office_before(done: Reviewed, copy: Path) -> None:
    first = release_kit.roster()
    second = first.model_copy(
        update={"number": 2, "previous": first.digest(), "council": first.council[::-1]}
    )
    alone = sign_roster(second, [KEYS["rapporteur"][0]])
    both = sign_roster(alone, [KEYS["council"][1]])
    for roster, wrong in ((alone, True), (both, False)):
        (copy / "signers.json").write_bytes(
            json_bytes([one.model_dump(mode="json") for one in (first, roster)])
        )
        seal(copy, signing_key(done.home.keys))
        sign_release(copy, "rapporteur", KEYS["rapporteur"][0], DATES.publishes_on)
        sign_release(copy, "council", KEYS["council"][1], DATES.publishes_on)
        named = any("not signed by the council" in problem for problem in problems(copy, done))
        assert named == wrong
        assert bool(problems(copy, done)) == wrong


def test_another_candidate_than_the_reviewed_one_is_not_published(
    done: Reviewed, tmp_path: Path
) -> None:
    record = read_record(version(done, 1)).model_copy(update={"manifest": "0" * 64})
    inputs = Inputs(done.home.candidates / COUNTRY / PERIOD, record, b"", [])
    with pytest.raises(ReleaseError, match="not the candidate that was reviewed"):
        build_release(inputs, signing_key(done.home.keys), tmp_path / "release")


@pytest.fixture
def fresh(done: Reviewed, tmp_path: Path) -> Iterator[tuple[Home, Store]]:
    home = home_with_candidate(tmp_path, like=done.home)
    store = open_store(home)
    yield home, store
    store.engine.dispose()


def test_nothing_is_published_unsigned_early_or_twice(fresh: tuple[Home, Store]) -> None:
    one = reviewed(*fresh)
    with pytest.raises(NotNow, match="due on"):
        publish_release(*fresh, one.review_id, DATES.publishes_on - dt.timedelta(days=1))
    prepared = one.prepare()
    with pytest.raises(ReleaseError, match="waits for"):
        publish_release(*fresh, one.review_id, DATES.publishes_on)
    release_kit.sign(prepared)
    with (prepared / "access.csv").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ReleaseError, match=r"access\.csv was changed"):
        publish_release(*fresh, one.review_id, DATES.publishes_on)


def test_a_review_that_nobody_opened_is_released_as_not_reviewed(
    fresh: tuple[Home, Store],
) -> None:
    folder = reviewed(*fresh, opens=False).publish()
    found = read_candidate(folder)
    assert {figure.council_verdict for figure in found.figures} == {"not_reviewed"}
    assert verify(folder, public_key(find_public_key(folder))).problems() == []


def test_a_take_down_replaces_files_by_a_tombstone_and_comes_back_unconfirmed(
    fresh: tuple[Home, Store],
) -> None:
    home, store = fresh
    one = reviewed(home, store)
    folder = one.publish()
    whole = {path.name: path.read_bytes() for path in folder.glob("*.*")}
    day = DATES.publishes_on
    with store.write() as session:
        take_down(session, RAPPORTEUR, one.review_id, HARMED, "found by her name", day)
    assert pending_take_downs(home, store) == [folder]
    assert apply_take_downs(home, store) == [folder]
    assert apply_take_downs(home, store) == []
    assert problems(folder, one) == []
    shown = {figure.mark for figure in read_candidate(folder).of(HARMED)}
    assert shown == {"h"}
    stone = folder / "tombstone-1.json"
    kept = stone.read_bytes()
    stone.unlink()
    assert "indicators.csv was changed after signing." in problems(folder, one)
    stone.write_bytes(kept.replace(b"found by her name", b"found by the State"))
    assert "tombstone-1.json is not a tombstone that this key signed." in problems(folder, one)
    stone.write_bytes(kept)
    with store.write() as session:
        lapse_take_downs(session, COUNTRY, day + dt.timedelta(days=15))
    assert apply_take_downs(home, store) == [folder]
    assert problems(folder, one) == []
    assert {name: (folder / name).read_bytes() for name in whole} == whole


def test_the_scripted_review_shows_every_outcome_and_says_that_it_is_scripted(
    fresh: tuple[Home, Store],
) -> None:
    home, store = fresh
    home.rosters(COUNTRY).unlink()
    day = review_and_sign(home, PERIOD, release_kit.again_in(home, BUILD))
    with store.read() as session:
        review_id = session.scalars(sa.select(Review.id)).one()
    folder = publish_release(home, store, review_id, day)
    assert verify(folder, public_key(find_public_key(folder))).problems() == []
    record = read_record(folder)
    assert record.scripted
    assert {one.verdict for one in record.indicators.values()} == {
        "endorsed", "endorsed_with_note", "objected", "not_reviewed",
    }  # fmt: skip
    assert {one.kind for one in record.statements} == {"harm", "note", "council"}
    assert {one.signed_as for one in record.statements} == {SCRIPTED}
    assert [one.received_on > one.due_on for one in record.responses] == [False, True]
    assert [one.overdue for one in record.recommendations] == [True, False]
    assert [line.period for line in record.calendar][1:] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    assert [one.answered_on for one in record.objections] == [record.dates["asks_on"]]
    assert {one.list for one in record.access} == {
        "quality_assurance", "pre_release", "change_requests",
    }  # fmt: skip
    facts = folder / "council" / "facts"
    said = pq.read_table(facts / "review_verdicts.parquet")
    assert dict(
        zip(*said.select(["indicator_id", "verdict"]).to_pydict().values(), strict=True)
    ) == {name: one.verdict for name, one in record.indicators.items()}
    items = pq.read_table(facts / "review_items.parquet").to_pylist()
    assert [(one["kind"], one["on_time"], one["changed"]) for one in items] == [
        ("proposal", "yes", "indicator"),
        ("proposal", "unknown", "unknown"),
        ("objection", "yes", "unknown"),
    ]
    assert review_and_sign(home, PERIOD, release_kit.again_in(home, BUILD)) == day
    with store.read() as session:
        assert len(session.scalars(sa.select(Review)).all()) == 1, "running it again does nothing"
