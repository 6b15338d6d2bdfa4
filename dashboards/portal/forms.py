"""Every form carries a key: it proves that the form is ours, and that it is done only once.

The rule: the key is random, signed, bound to the visitor's session and as short-lived as that. An
act that would add something marks the key in the act's own transaction, so that a double click, a
reload or a repeated request after a lost connection adds nothing.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from dashboards.portal.sessions import LIFETIME
from dashboards.portal.tables import SentForm
from pipelines.participation.people import Refused

FIELD = "form_key"
LONGEST_TEXT = 4000


class NotTaken(Refused, ValueError):
    """What was typed can't be taken; ``key`` is the portal's text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def short(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text within what the portal takes, with one kind of line end; NotTaken when longer."""
    text = text.replace("\r\n", "\n")
    if len(text) > longest:
        raise NotTaken("problem.too_long")
    return text


class FormKeys:
    """Makes and checks the keys of one portal."""

    def __init__(self, secret: str) -> None:
        """Keys signed with the portal's secret."""
        self._signer = URLSafeTimedSerializer(secret, salt="form")

    def new(self, visitor: str) -> str:
        """A key for one form shown to a visitor (their session's id)."""
        return self._signer.dumps([secrets.token_hex(16), visitor])

    def check(self, key: str, visitor: str) -> str | None:
        """The form's random part; None when it is not ours, not this visitor's, or too old."""
        try:
            form, owner = self._signer.loads(key, max_age=int(LIFETIME.total_seconds()))
        except (BadSignature, ValueError, TypeError):
            return None
        return str(form) if hmac.compare_digest(str(owner), visitor) else None


def is_first(session: Session, form: str, day: dt.date) -> bool:
    """Mark a form as done; False when it was done already. Call inside the act's transaction."""
    if session.get(SentForm, form) is not None:
        return False
    session.add(SentForm(id=form, ends_on=day + dt.timedelta(days=1)))
    session.flush()
    return True


def written(text: str) -> str:
    """A text that may not be empty, within what the portal takes."""
    if not text:
        raise NotTaken("problem.nothing_written")
    return short(text)


def number_in(text: str) -> int:
    """A running number from an address or a form; NotTaken when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotTaken("problem.no_number")
    return int(text)


def day_in(text: str) -> dt.date:
    """A day written as year-month-day; NotTaken when it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotTaken("register.bad_date") from None
