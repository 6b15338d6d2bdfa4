"""Running numbers that a country's council uses to speak of things: agenda item 12, request 3.

The rule: a number is given once and never again, also where two people ask at the same moment.
"""

from __future__ import annotations

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation.models import AgendaItem, Recommendation, Request
from pipelines.participation.people import Refused
from pipelines.participation.store import serialise

Row = TypeVar("Row", AgendaItem, Recommendation, Request)


def next_number(session: Session, table: type[Row], country: str) -> int:
    """The next number of a country in a table; others wait until the transaction ends."""
    serialise(session, f"{table.__tablename__} {country}")
    last = session.scalar(sa.select(sa.func.max(table.number)).where(table.country == country))
    return (last or 0) + 1


def numbered(session: Session, table: type[Row], country: str, number: int) -> Row:
    """The row of a number, locked; Refused when the country has none."""
    row = session.scalar(
        sa.select(table).where(table.country == country, table.number == number).with_for_update()
    )
    if row is None:
        raise Refused(f"there is no number {number} in this list")
    return row


def list_numbered(session: Session, table: type[Row], country: str) -> list[Row]:
    """A country's rows in the order of their numbers."""
    return list(
        session.scalars(sa.select(table).where(table.country == country).order_by(table.number))
    )
