"""Paid hours: the secretary's log, apart from everything that has to do with votes.

The rule: an entry is a seat, a month and whole hours, and names no review; a member sees their own
on the page of their seat (``council_pages``).
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal.forms import number_in
from dashboards.portal.visit import Visit
from pipelines.participation import electorate, settings
from pipelines.periods import quarter_of


def pay_page(visit: Visit) -> Response:
    """What was entered, by month, and the form for more."""
    today = visit.portal.today
    month = today.year * 12 + today.month - 1
    with visit.portal.store.read() as session:
        return visit.render(
            "pay.html.j2",
            seats=[one for one in electorate.seats_of(session, visit.who.country) if not one.left],
            entries=electorate.paid_hours(session, visit.who),
            month=f"{today.year}-{today.month:02}",
            cap=settings.in_force(session, visit.who.country, "pay_cap_hours", quarter_of(month)),
        )


def enter(visit: Visit) -> Response:
    """Enter hours."""
    hours = number_in(visit.value("hours"))
    visit.once(
        lambda session: electorate.log_pay(
            session, visit.who, visit.value("seat"), visit.value("month"), hours
        )
    )
    return visit.go("/pay")
