"""The demonstration's review and signatures: what people would do between candidate and release.

The rule: what has its release is not reviewed again, so that the demonstration can run twice; other
deliveries or other code get the next version. The signers' keys lie in the home, where no real
signer's key would.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pipelines.participation.calendar import usual_dates
from pipelines.participation.models import Review
from pipelines.participation.states import State
from pipelines.participation.store import Store, open_store, settle
from pipelines.paths import Home
from pipelines.release.lock import LOCK
from pipelines.release.publishing import newest_release, prepare_release
from pipelines.release.reviewing import freeze_candidate
from pipelines.release.signers import OFFICES, Signer, name_signers, public_text, sign_release
from pipelines.release.signing import signing_key
from pipelines.release.withholding import Again
from pipelines.synthetic.council import SCRIPTED, hold_scripted_review

COUNTRY = "ZZ"


def review_and_sign(home: Home, period: str, again: Again) -> dt.date:
    """Hold the scripted review of the candidate, prepare its release, sign it twice.

    ``again`` builds a candidate anew where something of it is withheld. Returns the day of release,
    on which the job ``publish`` puts it in place.
    """
    dates = usual_dates(period)
    if _released(home, period):
        return dates.publishes_on
    store = open_store(home)
    review_id = _unfinished(store, period)
    if review_id is None:
        before = newest_release(home, COUNTRY)
        frozen = freeze_candidate(home, COUNTRY, period, before=before)
        chosen = dict.fromkeys(frozen.rows, "the scripted council looks at everything")
        frozen = freeze_candidate(home, COUNTRY, period, before=before, chosen=chosen)
        review_id = hold_scripted_review(store, COUNTRY, period, dates, frozen)
        settle(store)
    keys = {office: signing_key(home.keys / office) for office in OFFICES}
    rosters = home.rosters(COUNTRY)
    if not rosters.exists():
        public = {office: public_text(key.public_key()) for office, key in keys.items()}
        rapporteur, council = ([Signer(name=SCRIPTED, key=public[one])] for one in OFFICES)
        name_signers(rosters, COUNTRY, dates.opens_on.replace(year=2020), rapporteur, council, [])
    prepared = prepare_release(home, store, review_id, dates.publishes_on, again)
    for office in OFFICES:
        sign_release(prepared, office, keys[office], dates.publishes_on)
    return dates.publishes_on


def _released(home: Home, period: str) -> bool:
    """Whether the release in force rests on the candidate's vintage, code and settings."""
    release = newest_release(home, COUNTRY)
    if release is None:
        return False
    candidate = home.candidates / COUNTRY / period
    return (release / LOCK).read_bytes() == (candidate / LOCK).read_bytes()


def _unfinished(store: Store, period: str) -> str | None:
    """The closed review of a run that was killed before its release."""
    with store.read() as session:
        return session.scalar(
            sa.select(Review.id).where(
                Review.country == COUNTRY, Review.period == period, Review.state == State.SCHEDULED
            )
        )
