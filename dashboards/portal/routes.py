"""The one table of routes: what is where, and who may.

The rule: a page is reached through this table or not at all. ``may`` is a permission of the review
(``pipelines.participation.permissions``), checked before the page's code runs and again by what the
page calls; None lets anybody in. Tests walk the table: every route by every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from dashboards.portal import (
    after_pages,
    agenda_pages,
    ballot_pages,
    correction_pages,
    council_pages,
    discussion_pages,
    door,
    paper_pages,
    pay_pages,
    review_pages,
    state_pages,
)
from dashboards.portal.visit import Visit
from pipelines.participation import permissions
from pipelines.participation.people import Actor

Page = Callable[[Visit], Response]
May = Callable[[Actor], bool]


@dataclass(frozen=True)
class Entry:
    """A route. ``fields`` are those of its form; ``form`` is the page that has the form.

    ``menu`` is the key of its name in the menu, for pages that are there.
    """

    method: str
    path: str
    page: Page
    may: May | None
    fields: tuple[str, ...] = ()
    form: Page | None = None
    menu: str = ""

    @property
    def name(self) -> str:
        """A name for the interface description."""
        return f"{self.method.lower()} {self.page.__name__}"


def anybody(actor: Actor) -> bool:
    """Everybody who has signed in."""
    return True


_REVIEW = "/reviews/{review}"
_INDICATOR = f"{_REVIEW}/indicators/{{indicator}}"
_BALLOT = ("choice", "reason", "signed_as", "consent")

ROUTES = (
    Entry("GET", "/", door.first_page, None),
    Entry("GET", "/safety", door.safety, None),
    Entry("GET", "/elsewhere", door.elsewhere, None),
    Entry("GET", "/leave", door.leave, None),
    Entry("GET", "/language/{code}", door.choose_language, None),
    Entry("GET", "/style/{name}", door.style, None),
    Entry("GET", "/sign-in", door.sign_in_page, None),
    Entry("POST", "/sign-in", door.sign_in, None, ("handle", "passphrase", "next")),
    Entry("GET", "/invitation", door.invitation_page, None),
    Entry(
        "POST", "/invitation", door.accept_invitation, None,
        ("code", "handle", "passphrase", "again"),
    ),
    Entry("POST", "/sign-out", door.sign_out, anybody),
    Entry("GET", "/home", review_pages.home, anybody, menu="home"),
    Entry("GET", _REVIEW, review_pages.review_page, anybody),
    Entry("GET", _INDICATOR, review_pages.packet_page, anybody),
    Entry("GET", f"{_INDICATOR}/charts/{{chart}}", review_pages.chart, anybody),
    Entry("GET", f"{_INDICATOR}/sheet", paper_pages.sheet, permissions.can_join_council),
    Entry("GET", f"{_INDICATOR}/ballot", ballot_pages.ballot_page, permissions.can_vote),
    Entry(
        "POST", f"{_INDICATOR}/ballot", ballot_pages.cast, permissions.can_vote,
        (*_BALLOT, "rows_hash", "based_on", "token"),
    ),
    Entry("GET", f"{_INDICATOR}/ballot/counted", ballot_pages.counted_page, permissions.can_vote),
    Entry("GET", f"{_REVIEW}/paper", paper_pages.entry_page, permissions.can_enter_paper),
    Entry(
        "POST", f"{_REVIEW}/paper", paper_pages.enter, permissions.can_enter_paper,
        (*_BALLOT, "indicator", "token"),
    ),
    Entry("GET", f"{_REVIEW}/open", paper_pages.open_page, permissions.can_open),
    Entry("POST", f"{_REVIEW}/open", paper_pages.open_review, permissions.can_open),
    Entry(
        "GET", f"{_REVIEW}/correction", correction_pages.correction_page,
        permissions.can_speak_for_council,
    ),
    Entry(
        "POST", f"{_REVIEW}/correction", correction_pages.take, permissions.can_speak_for_council,
    ),
    Entry(
        "GET", f"{_INDICATOR}/discussion", discussion_pages.discussion_page,
        permissions.can_join_council,
    ),
    Entry(
        "POST", f"{_INDICATOR}/discussion", discussion_pages.comment,
        permissions.can_join_council, ("text", "signed_as"),
    ),
    Entry(
        "POST", f"{_INDICATOR}/discussion/decide", discussion_pages.decide, permissions.can_vote,
        ("question", "answer", "rows_hash", "token"), discussion_pages.discussion_page,
    ),
    Entry(
        "POST", f"{_INDICATOR}/discussion/words", discussion_pages.word,
        permissions.can_join_council, ("kind", "text", "signed_as", "consent"),
        discussion_pages.discussion_page,
    ),
    Entry("GET", f"{_INDICATOR}/answer", state_pages.comment_page, permissions.can_answer),
    Entry("POST", f"{_INDICATOR}/answer", state_pages.comment, permissions.can_answer, ("text",)),
    Entry("GET", f"{_INDICATOR}/request", state_pages.request_page, permissions.can_request_change),
    Entry(
        "POST", f"{_INDICATOR}/request", state_pages.request, permissions.can_request_change,
        ("text",),
    ),
    Entry("GET", f"{_INDICATOR}/after", after_pages.after_page, after_pages.may_see),
    Entry(
        "POST", f"{_INDICATOR}/after", after_pages.ask, permissions.can_join_council,
        ("kind", "text", "signed_as"),
    ),
    Entry(
        "POST", f"{_INDICATOR}/after/take-down", after_pages.take_down, after_pages.may_take_down,
        ("text", "token"), after_pages.after_page,
    ),
    Entry(
        "POST", f"{_INDICATOR}/after/confirm", after_pages.confirm,
        permissions.can_speak_for_council, ("judgement",), after_pages.after_page,
    ),
    Entry("GET", "/agenda", agenda_pages.agenda_page, agenda_pages.may_see, menu="agenda"),
    Entry(
        "POST", "/agenda", agenda_pages.put, permissions.can_join_council,
        ("kind", "text", "indicator", "delivery", "signed_as"),
    ),
    Entry(
        "POST", "/agenda/{number}/answer", agenda_pages.answer, permissions.can_answer_council,
        ("text", "result"), agenda_pages.agenda_page,
    ),
    Entry(
        "POST", "/agenda/{number}/judge", agenda_pages.judge, permissions.can_speak_for_council,
        ("text", "judgement"), agenda_pages.agenda_page,
    ),
    Entry("GET", "/said", agenda_pages.said_page, agenda_pages.may_see, menu="said"),
    Entry(
        "POST", "/said/{number}/answer", agenda_pages.answer_request,
        permissions.can_answer_council, ("text", "granted"), agenda_pages.said_page,
    ),
    Entry("GET", "/register", state_pages.register_page, anybody, menu="register"),
    Entry(
        "POST", "/register", state_pages.recommend, state_pages.may_recommend,
        ("text", "addressee", "paragraph", "indicator", "due"),
    ),
    Entry(
        "POST", "/register/{number}/reply", state_pages.reply, permissions.can_answer,
        ("text", "status", "evidence"), state_pages.register_page,
    ),
    Entry(
        "POST", "/register/{number}/withdraw", state_pages.withdraw, permissions.can_act_jointly,
        (), state_pages.register_page,
    ),
    Entry(
        "GET", "/settings", council_pages.settings_page, permissions.can_act_jointly,
        menu="settings",
    ),
    Entry(
        "POST", "/settings", council_pages.propose, permissions.can_act_jointly,
        ("kind", "reason", "name", "value", "called", "from", "to", "member", "review"),
    ),
    Entry(
        "POST", "/settings/{act}/agree", council_pages.agree, permissions.can_act_jointly, (),
        council_pages.settings_page,
    ),
    Entry("GET", "/seat", council_pages.seat_page, permissions.can_vote, menu="seat"),
    Entry(
        "POST", "/seat/pause", council_pages.pause, permissions.can_vote, ("paused",),
        council_pages.seat_page,
    ),
    Entry(
        "POST", "/seat/leave", council_pages.leave, permissions.can_vote, ("sure",),
        council_pages.seat_page,
    ),
    Entry(
        "POST", "/seat/interest", council_pages.declare, permissions.can_vote,
        ("indicator", "text"), council_pages.seat_page,
    ),
    Entry("GET", "/seats", council_pages.seats_page, permissions.can_open, menu="seats"),
    Entry("POST", "/seats", council_pages.invite, permissions.can_open, ("seat",)),
    Entry("GET", "/pay", pay_pages.pay_page, permissions.can_keep_pay, menu="pay"),
    Entry(
        "POST", "/pay", pay_pages.enter, permissions.can_keep_pay, ("seat", "month", "hours"),
    ),
    Entry("GET", "/access", council_pages.access_page, anybody, menu="access"),
    Entry(
        "GET", "/engineer", council_pages.engineer_page, council_pages.is_engineer,
        menu="engineer",
    ),
)  # fmt: skip


def form_page(entry: Entry) -> Page | None:
    """The page that shows a form again when it could not be done; None where there is none."""
    if entry.form is not None:
        return entry.form
    return next((one.page for one in ROUTES if (one.method, one.path) == ("GET", entry.path)), None)


def menu_of(actor: Actor) -> tuple[tuple[str, str], ...]:
    """The pages of the menu that somebody may see: path and key of the name."""
    return tuple(
        (entry.path, entry.menu)
        for entry in ROUTES
        if entry.menu and entry.may is not None and entry.may(actor)
    )
