"""From a closed review to a published release: prepared, signed by two, put in place once.

The rule: a version is published when its review is closed or expired, its day has come, and both
offices signed; its folder is never written again but by a take-down. Each step may be killed and
run again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from pipelines.participation import policies, reviews
from pipelines.participation.events import deliver_events
from pipelines.participation.models import Review
from pipelines.participation.record import review_record
from pipelines.participation.states import State
from pipelines.participation.store import Store
from pipelines.paths import Home
from pipelines.release.manifest import MANIFEST, OFFICE_SIGNATURES, file_entry, json_bytes
from pipelines.release.release import Inputs, ReleaseError, build_release
from pipelines.release.reviewing import reviewed_candidate
from pipelines.release.signers import read_rosters
from pipelines.release.signing import PUBLIC_NAME, public_key, signing_key
from pipelines.release.testimony_files import read_quotations
from pipelines.release.verify import verify
from pipelines.release.withholding import Again, withhold_from
from pipelines.testimony.register import entries, withdrawn

INDEX = "index.json"


def release_folder(home: Home, review: Review) -> Path:
    """Where a review's release lies once it is published."""
    return home.releases / review.country / review.period / f"v{review.version}"


def prepared_folder(home: Home, review: Review) -> Path:
    """Where it lies until both have signed."""
    final = release_folder(home, review)
    return final.with_name(f".{final.name}.prepared")


def prepare_release(home: Home, store: Store, review_id: str, day: dt.date, again: Again) -> Path:
    """Build the release of a closed review for its signers; returns its folder.

    ``again`` builds a candidate anew; it is called where the council withholds something. A release
    that was prepared already is kept, with its signatures. NotNow when the review is not closed or
    the day has not come; ReleaseError when it can't be built.
    """
    deliver_events(store, home.ledger)
    with store.write() as session:
        review = reviews.find_review(session, review_id)
        policies.check_publish(review, day)
        record = review_record(session, review_id)
    folder = prepared_folder(home, review)
    if (folder / MANIFEST).is_file():
        return folder
    building = folder.with_name(f".{release_folder(home, review).name}.building")
    building.parent.mkdir(parents=True, exist_ok=True)
    candidate = reviewed_candidate(home, review)
    _refuse_withdrawn_words(home, candidate, review.country)
    if record.withheld():
        candidate, record = withhold_from(home, candidate, record, again)
    inputs = Inputs(
        candidate=candidate,
        record=record,
        ledger=home.ledger.read_bytes(),
        rosters=read_rosters(home.rosters(review.country)),
        before=newest_release(home, review.country),
    )
    build_release(inputs, signing_key(home.keys), building)
    building.rename(folder)
    return folder


def publish_release(home: Home, store: Store, review_id: str, day: dt.date) -> Path:
    """Put a release in place that both offices signed, and note it; returns its folder.

    ReleaseError names what does not verify. A release that is there already is left alone.
    """
    with store.read() as session:
        review = session.get_one(Review, review_id)
        if review.state != State.SCHEDULED:
            policies.check_after_publication(review)
            return release_folder(home, review)
        policies.check_publish(review, day)
    prepared, final = prepared_folder(home, review), release_folder(home, review)
    if not final.exists():
        if not is_signed(prepared):
            raise ReleaseError(f"{prepared} waits for {' and '.join(OFFICE_SIGNATURES)}")
        found = verify(prepared, public_key(home.keys / PUBLIC_NAME))
        if not found.ok:
            raise ReleaseError(f"{prepared} does not verify: {' '.join(found.problems())}")
        _refuse_withdrawn_words(home, prepared, review.country)
        prepared.rename(final)
    with store.write() as session:
        manifest = file_entry(final / MANIFEST)["sha256"]
        reviews.mark_published(session, review_id, manifest, day)
    deliver_events(store, home.ledger)
    write_index(home, store)
    return final


def _refuse_withdrawn_words(home: Home, folder: Path, country: str) -> None:
    """ReleaseError where a folder quotes words that were taken back since it was built."""
    taken_back = withdrawn(entries(home, country))
    if gone := [one.id for one in read_quotations(folder) if one.id in taken_back]:
        raise ReleaseError(
            f"{folder} quotes {', '.join(gone)}, whose words were withdrawn: it is not published. "
            "Build the candidate again with `observatory build`, and have that one reviewed"
        )


def is_signed(prepared: Path) -> bool:
    """Whether both offices have put a signature into a prepared release."""
    return all((prepared / name).is_file() for name in OFFICE_SIGNATURES)


def write_index(home: Home, store: Store) -> None:
    """``releases/index.json``: every version ever published and what became of it."""
    with store.read() as session:
        published = session.scalars(
            sa.select(Review)
            .where(Review.release.is_not(None))
            .order_by(Review.country, Review.period, Review.version)
        ).all()
    content = [
        {
            "country": review.country,
            "period": review.period,
            "version": review.version,
            "state": review.state,
            "manifest": review.release,
            "published_on": str(review.published_on),
            "scripted_review": review.scripted,
        }
        for review in published
    ]
    home.releases.mkdir(parents=True, exist_ok=True)
    half = home.releases / f".{INDEX}.half"
    half.write_bytes(json_bytes(content))
    half.replace(home.releases / INDEX)


def releases_in_force(home: Home, country: str | None = None) -> list[Path]:
    """The folders of published versions that were neither superseded nor withdrawn, by period."""
    index = home.releases / INDEX
    lines = json.loads(index.read_bytes()) if index.is_file() else []
    return [
        home.releases / line["country"] / line["period"] / f"v{line['version']}"
        for line in lines
        if line["state"] == State.PUBLISHED and country in (None, line["country"])
    ]


def releases_by_manifest(home: Home, manifests: Sequence[str]) -> list[Path]:
    """The published folders with these manifest hashes; ReleaseError when one is not there."""
    known = {file_entry(folder / MANIFEST)["sha256"]: folder for folder in _published(home)}
    missing = [manifest[:12] for manifest in manifests if manifest not in known]
    if missing:
        raise ReleaseError(f"{home.releases} does not hold the releases {', '.join(missing)}")
    return [known[manifest] for manifest in manifests]


def _published(home: Home) -> list[Path]:
    found = home.releases.glob("[A-Z][A-Z]/*/v[0-9]*")
    return sorted(found, key=lambda path: (path.parts[-3:-1], int(path.name[1:])))


def published_of(home: Home, country: str) -> list[Path]:
    """Every version of a country that was ever published, by period and version."""
    return [folder for folder in _published(home) if folder.parts[-3] == country]


def newest_release(home: Home, country: str) -> Path | None:
    """The release in force of a country's last published period; None before the first."""
    found = releases_in_force(home, country)
    return found[-1] if found else None
