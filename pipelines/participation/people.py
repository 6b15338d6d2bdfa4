"""Who acts in a review: five roles, and never a name.

The rule: an actor says what somebody may do, not who they are. What a council member does is
recorded without their id, except where the rules give them an office (membership, terms, pay).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipelines.errors import Foreseen


class Role(StrEnum):
    """The roles of the portal; ``authority`` is the State, also a rapporteur inside a ministry."""

    COUNCIL_MEMBER = "council_member"
    COUNCIL_SECRETARY = "council_secretary"
    RAPPORTEUR = "rapporteur"
    AUTHORITY = "authority"
    ENGINEER = "engineer"


COUNCIL = (Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY)


class Refused(Foreseen):
    """Something may not be done; the message says why and what to do instead."""


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: their role, their country, and their account's id and office.

    ``delegate`` is the member whom the council chose to speak and sign for it. The id is
    used to check conflicts and terms while a request is served; ballots are cast without it.
    """

    role: Role
    country: str
    id: str = ""
    delegate: bool = False
