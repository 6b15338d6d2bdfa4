"""A home with a published release: a made-up candidate, a review of three, two signers."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from pipelines.disclosure.primary import Selection
from pipelines.participation import ballots, electorate, ledger, reviews
from pipelines.participation.models import Packet, Review
from pipelines.participation.store import Store
from pipelines.paths import Home
from pipelines.release.manifest import MANIFEST, file_entry, json_bytes
from pipelines.release.publishing import newest_release, prepare_release, publish_release
from pipelines.release.reviewing import freeze_candidate
from pipelines.release.signers import Office, Roster, Signer, public_text, sign_release
from pipelines.release.signing import signing_key
from pipelines.release.withholding import Again
from tests import candidate_kit
from tests.review_kit import COUNTRY, OPENING, PERIOD, SECRETARY, Council, seat_council

DATES = reviews.Dates.from_opening(OPENING)


def _key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


KEYS: dict[Office, tuple[Ed25519PrivateKey, Ed25519PrivateKey]] = {
    "rapporteur": (_key(11), _key(12)),
    "council": (_key(21), _key(22)),
}
"""Each office's signer and alternate."""


def roster() -> Roster:
    offices = {
        office: tuple(
            Signer(name=f"{office} {rank}", key=public_text(key.public_key()))
            for rank, key in enumerate(keys)
        )
        for office, keys in KEYS.items()
    }
    return Roster(number=1, country=COUNTRY, holds_from=dt.date(2024, 1, 1), **offices)


@dataclass
class Reviewed:
    """A home, its store, the council and the id of its last review."""

    home: Home
    store: Store
    council: Council
    review_id: str
    again: Again

    def review(self) -> Review:
        with self.store.read() as session:
            return session.get_one(Review, self.review_id)

    def prepare(self) -> Path:
        return prepare_release(
            self.home, self.store, self.review_id, DATES.publishes_on, self.again
        )

    def publish(self) -> Path:
        sign(self.prepare())
        return publish_release(self.home, self.store, self.review_id, DATES.publishes_on)


def again_in(home: Home, build: Callable[..., Path] = candidate_kit.candidate) -> Again:
    """Build a made-up candidate again with rows withheld."""

    def again(reviewed: Path, withheld: Sequence[Selection], out: Path) -> Path:
        return build(out, key=signing_key(home.keys), withheld=withheld)

    return again


def sign(prepared: Path) -> None:
    for office, (key, _) in KEYS.items():
        sign_release(prepared, office, key, DATES.publishes_on)


def home_with_candidate(
    folder: Path,
    like: Home | None = None,
    build: Callable[..., Path] = candidate_kit.candidate,
) -> Home:
    """A home with keys, signers and a candidate, which costs seconds unless ``like`` has it."""
    home = Home.find(folder)
    if like:
        for part in (like.keys, like.candidates):
            shutil.copytree(part, home.root / part.name)
        built = home.candidates / COUNTRY / PERIOD
    else:
        built = build(home.candidates, key=signing_key(home.keys))
    ledger.append(
        home.ledger,
        "candidate_built",
        {"country": COUNTRY, "manifest": file_entry(built / MANIFEST)["sha256"]},
    )
    home.rosters(COUNTRY).parent.mkdir(parents=True)
    home.rosters(COUNTRY).write_bytes(json_bytes([roster().model_dump(mode="json")]))
    return home


def reviewed(
    home: Home,
    store: Store,
    choices: dict[str, str] | None = None,
    *,
    opens: bool = True,
    build: Callable[..., Path] = candidate_kit.candidate,
) -> Reviewed:
    """A review of the home's candidate up to its release day; all endorse unless told otherwise."""
    with store.write() as session:
        seats = electorate.seated(session, COUNTRY, OPENING)
        council = Council(seats) if seats else seat_council(session, 3)
        review = reviews.plan_review(session, COUNTRY, PERIOD, DATES)
        session.flush()
        if opens:
            frozen = freeze_candidate(
                home, COUNTRY, PERIOD, before=newest_release(home, COUNTRY),
                chosen=dict.fromkeys(choices or {}, "chosen"),
            )  # fmt: skip
            council.slips = list(
                reviews.open_review(session, SECRETARY, review.id, frozen, OPENING)
            )
    if opens:
        with store.write() as session:
            packets = reviews.packets_of(session, review.id)
            for packet in (packet for packet in packets if packet.asked):
                _vote_on(session, council, review.id, packet, (choices or {}))
    with store.write() as session:
        reviews.advance(session, review.id, DATES.publishes_on)
    return Reviewed(home, store, council, review.id, again_in(home, build))


def _vote_on(
    session: Session, council: Council, review_id: str, packet: Packet, choices: dict[str, str]
) -> None:
    for actor, slip in zip(council.actors, council.slips, strict=True):
        vote = ballots.Vote(
            packet.indicator_id,
            packet.rows_hash,
            choices.get(packet.indicator_id, "endorse"),
            reason="because",
        )
        ballots.cast_ballot(session, actor, review_id, slip, vote)
