"""Coming in and leaving: the first page, signing in, invitations, language, the exit.

The rule: nobody learns from an answer whether a name exists; signing in starts a new session; the
exit ends the session, empties the browser's store and leads somewhere that says nothing.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from dashboards.portal import accounts, cookies, sessions
from dashboards.portal.forms import NotTaken
from dashboards.portal.styles import STYLE
from dashboards.portal.visit import Visit, is_local

if TYPE_CHECKING:
    from dashboards.portal.routes import Entry

_KEPT = "kept."
_NEXT = "next"


def first_page(visit: Visit) -> Response:
    """What to know before coming in: how to leave at once, and what a browser remembers."""
    return visit.go("/home") if visit.actor else visit.render("before.html.j2")


def safety(visit: Visit) -> Response:
    """How to use the portal when somebody may be watching."""
    return visit.render("safety.html.j2")


def elsewhere(visit: Visit) -> Response:
    """Where the exit leads when no other address was chosen: a page that says nothing."""
    return visit.render("elsewhere.html.j2")


def leave(visit: Visit) -> Response:
    """The exit: end the session, empty the browser's store, lead away."""
    if visit.held is not None:
        with visit.portal.store.write() as session:
            sessions.end(session, visit.secret)
    visit.cookies.update(dict.fromkeys((cookies.SESSION, cookies.VISITOR), ""))
    headers = {"Clear-Site-Data": '"cache", "storage"'}
    return RedirectResponse(visit.portal.exit_to, 303, headers=headers)


def sign_out(visit: Visit) -> Response:
    """End the session and go back to the first page."""
    with visit.portal.store.write() as session:
        sessions.end(session, visit.secret)
    visit.cookies[cookies.SESSION] = ""
    return visit.go("/")


def choose_language(visit: Visit) -> Response:
    """Keep the language that was chosen and go back to the page it was chosen on."""
    code, back = visit.place["code"], visit.query.get("back", "/")
    if code in visit.portal.words:
        visit.cookies[cookies.LANGUAGE] = code
    return visit.go(back if is_local(back) else "/")


def style(visit: Visit) -> Response:
    """The style sheet; an address of an older one gives the present one."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STYLE, media_type="text/css", headers=headers)


def sign_in_page(visit: Visit) -> Response:
    """The form, with what was written on a page whose session ran out."""
    if visit.actor is not None:
        return visit.go("/home")
    return _sign_in(visit, visit.kept or visit.query)


def ask_to_sign_in(visit: Visit, entry: Entry) -> Response:
    """A page for members was asked for without a session: come in, then go on there."""
    if entry.method == "GET":
        return _sign_in(visit, {_NEXT: visit.path}, status=401)
    carried = {_KEPT + name: text for name, text in visit.form.items() if name not in _PRIVATE}
    visit.notice = visit.t("sign_in.kept")
    return _sign_in(visit, {_NEXT: visit.path, **carried}, status=401)


def sign_in(visit: Visit) -> Response:
    """Check name and passphrase; start a session with what was carried over."""
    now, handle = visit.portal.clock(), visit.value("handle")
    limits = visit.portal.limits
    wait = limits.address.wait(now, visit.address) or limits.name.wait(
        now, handle.casefold(), visit.address
    )
    if wait:
        return _told_to_wait(visit, wait)
    passphrase = visit.form.get("passphrase", "")[: accounts.LONGEST_PASSPHRASE]
    with visit.portal.store.read() as session:
        account = accounts.find_account(session, handle)
        fits = accounts.check_passphrase(account, passphrase)
        if account is None or not fits or accounts.actor_of(session, account.id) is None:
            visit.notice = visit.t("sign_in.wrong")
            return _sign_in(visit, visit.form, status=403)
        key = accounts.private_key_of(session, account, passphrase)
    limits.name.forgive(handle.casefold(), visit.address)
    following = visit.value(_NEXT)
    kept = {
        name.removeprefix(_KEPT): text
        for name, text in visit.form.items()
        if name.startswith(_KEPT)
    }
    held = _held(account.id, key)
    if is_local(following) and kept:
        held.kept[following] = kept
    _begin(visit, held)
    return visit.go(following if is_local(following) else "/home")


def invitation_page(visit: Visit) -> Response:
    """The form of an invitation; a link may carry the code."""
    return visit.render(
        "invitation.html.j2",
        code=visit.kept.get("code", visit.query.get("code", "")),
        shortest=accounts.SHORTEST_PASSPHRASE,
    )


def accept_invitation(visit: Visit) -> Response:
    """Make the account and start its first session."""
    wait = visit.portal.limits.invitation.wait(visit.portal.clock(), visit.address)
    if wait:
        return _told_to_wait(visit, wait)
    if visit.form.get("passphrase") != visit.form.get("again"):
        raise NotTaken("invitation.not_the_same")
    with visit.portal.store.write() as session:
        account, key = accounts.accept(
            session,
            visit.value("code"),
            visit.value("handle"),
            visit.form.get("passphrase", ""),
            visit.portal.today,
        )
    _begin(visit, _held(account.id, key))
    return visit.go("/home")


_PRIVATE = ("form_key", "token", "passphrase", "again")
"""Fields that are never carried over."""


def _held(account_id: str, key: bytes) -> sessions.Held:
    return sessions.Held(account_id, base64.b64encode(key).decode())


def _begin(visit: Visit, held: sessions.Held) -> None:
    secret = sessions.new_secret()
    with visit.portal.store.write() as session:
        if visit.secret:
            sessions.end(session, visit.secret)
        sessions.begin(session, secret, held, visit.portal.today)
    visit.cookies[cookies.SESSION] = secret


def _sign_in(visit: Visit, carried: Mapping[str, str], *, status: int = 200) -> Response:
    fields = {
        name: text for name, text in carried.items() if name == _NEXT or name.startswith(_KEPT)
    }
    return visit.render("sign_in.html.j2", status=status, carried=fields)


def _told_to_wait(visit: Visit, seconds: int) -> Response:
    minutes = dt.timedelta(seconds=seconds + 59) // dt.timedelta(minutes=1)
    detail = visit.t("problem.wait_minutes", minutes=visit.words.own.number(minutes))
    response = visit.render("problem.html.j2", status=429, key="wait", detail=detail)
    response.headers["Retry-After"] = str(seconds)
    return response
