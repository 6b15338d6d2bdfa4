"""The council's agenda, open all year: what it asks for, and what came of it.

The rule: every item has a number, an owner and a due date, and is answered with reasons. A
challenged delivery carries a caveat until the council accepts the answer or prints its
disagreement.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import permissions
from pipelines.participation.events import record
from pipelines.participation.ledger import Entry
from pipelines.participation.models import AgendaItem
from pipelines.participation.numbering import next_number, numbered
from pipelines.participation.people import Actor, Refused

_DELIVERY = re.compile("[0-9a-f]{8,64}")


class ItemKind(StrEnum):
    """What the council can put on its agenda."""

    PROPOSE_INDICATOR = "propose_indicator"
    CHANGE_WORDING = "change_wording"
    SET_PRIORITIES = "set_priorities"
    CHALLENGE_DELIVERY = "challenge_delivery"
    REOPEN_ANSWER = "reopen_answer"


class Result(StrEnum):
    """What an item led to."""

    CHANGED_INDICATOR = "changed_indicator"
    CHANGED_POLICY = "changed_policy"
    NO_CHANGE = "no_change"


def put_on_agenda(
    session: Session,
    actor: Actor,
    kind: str,
    text: str,
    day: dt.date,
    *,
    due_on: dt.date,
    owner: str = "rapporteur",
    indicator_id: str = "",
    delivery_id: str = "",
    signed_as: str = "",
) -> AgendaItem:
    """A new item; a challenge names the delivery that the council doubts: its id,
    or the first 8 characters of it or more."""
    permissions.check_in_council(actor)
    if kind not in set(ItemKind) or not text.strip():
        raise Refused(f"an item has a text and is one of {', '.join(ItemKind)}")
    if (kind == ItemKind.CHALLENGE_DELIVERY) != bool(delivery_id):
        raise Refused("a challenge names a delivery, and nothing else does")
    delivery_id = delivery_id.lower()
    if delivery_id and not _DELIVERY.fullmatch(delivery_id):
        raise Refused("a delivery's number has 8 letters and digits or more: copy it again")
    if due_on < day:
        raise Refused("an item is due today or later")
    item = AgendaItem(
        country=actor.country,
        number=next_number(session, AgendaItem, actor.country),
        kind=kind,
        indicator_id=indicator_id,
        delivery_id=delivery_id,
        text=text,
        signed_as=signed_as,
        owner=owner,
        opened_on=day,
        due_on=due_on,
    )
    session.add(item)
    record(
        session,
        "agenda_item",
        country=item.country,
        number=item.number,
        item=kind,
        indicator=indicator_id,
        delivery=delivery_id,
        day=day,
        due=due_on,
    )
    return item


def answer_item(
    session: Session, actor: Actor, number: int, answer: str, result: str, day: dt.date
) -> AgendaItem:
    """Answer an item with reasons and what it led to (``Result``)."""
    permissions.check_answers_council(actor)
    item = numbered(session, AgendaItem, actor.country, number)
    if not answer.strip() or result not in set(Result):
        raise Refused(f"an answer gives reasons and one of {', '.join(Result)}")
    item.answer, item.result, item.answered_on = answer, result, day
    item.accepted, item.disagreement = None, ""
    record(
        session,
        "agenda_answer",
        country=item.country,
        number=number,
        result=result,
        day=day,
        late=day > item.due_on,
    )
    return item


def judge_answer(
    session: Session, actor: Actor, number: int, *, accepted: bool, disagreement: str = ""
) -> AgendaItem:
    """The council accepts an answer, or prints its disagreement with it."""
    permissions.check_speaks_for_council(actor)
    item = numbered(session, AgendaItem, actor.country, number)
    if item.answered_on is None:
        raise Refused(f"item {number} has no answer yet")
    if not accepted and not disagreement.strip():
        raise Refused("say what the council disagrees with: it will be printed")
    item.accepted, item.disagreement = accepted, disagreement
    record(session, "agenda_judged", country=item.country, number=number, accepted=accepted)
    return item


def standing_challenges(entries: Iterable[Entry], country: str) -> list[str]:
    """What the ledger says of it: the ids of deliveries whose challenge still stands, in order.

    An id is as the council wrote it, perhaps only its beginning. What ``challenged_deliveries``
    says, for those who have the ledger and not the store.
    """
    challenges: dict[int, str] = {}
    standing: set[int] = set()
    for entry in entries:
        if entry.body.get("country") != country or "number" not in entry.body:
            continue
        number = entry.body["number"]
        if entry.kind == "agenda_item" and entry.body["item"] == ItemKind.CHALLENGE_DELIVERY:
            challenges[number] = entry.body["delivery"]
        if entry.kind in ("agenda_item", "agenda_answer"):
            standing.add(number)
        elif entry.kind == "agenda_judged":
            standing.discard(number)
    return sorted({challenges[number] for number in standing & challenges.keys()})


def challenged_deliveries(session: Session, country: str) -> list[AgendaItem]:
    """The challenges whose caveat still stands, by number."""
    return list(
        session.scalars(
            sa.select(AgendaItem)
            .where(
                AgendaItem.country == country,
                AgendaItem.kind == ItemKind.CHALLENGE_DELIVERY,
                AgendaItem.accepted.is_(None),
            )
            .order_by(AgendaItem.number)
        )
    )
