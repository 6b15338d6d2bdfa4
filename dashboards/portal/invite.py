"""Invitations from the command line: how the first people of a country come in.

The rule: whoever runs the machine can invite; a member's invitation is for a seat that exists.
"""

from __future__ import annotations

from dashboards.portal import accounts
from dashboards.portal.portal import Portal
from pipelines.participation.people import Refused, Role
from pipelines.paths import Home


def invite(home: Home, role: str, country: str, seat: str = "") -> str:
    """The code of a new invitation; Refused for a role that does not exist."""
    if role not in set(Role):
        raise Refused(f"{role!r} is not a role: choose one of {', '.join(Role)}")
    portal = Portal.of(home)
    with portal.store.write() as session:
        return accounts.invite(session, Role(role), country, portal.today, member_id=seat)
