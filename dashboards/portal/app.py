"""The web application: one dispatcher for the one table of routes.

The rule: whoever may not see a page is turned away here, before the page's code runs; whatever is
refused becomes a page in the visitor's language. What somebody wrote is never lost: when a session
or a form has run out, the same page comes back with their words in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from babel import negotiate_locale
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from dashboards.portal import accounts, cookies, door, sessions
from dashboards.portal.forms import FIELD, NotTaken
from dashboards.portal.guard import Guard
from dashboards.portal.portal import Portal
from dashboards.portal.routes import ROUTES, Entry, form_page, menu_of
from dashboards.portal.visit import Visit
from dashboards.site.locale import SOURCE_LANGUAGE
from pipelines.participation.people import Refused
from pipelines.participation.permissions import NotPermitted
from pipelines.participation.reviews import UnknownReview
from pipelines.participation.tokens import TokenError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_MOST_FIELDS = 80


def create_app(portal: Portal, hosts: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The application of a portal, which answers to ``hosts`` and no other name."""
    desk = _Desk(portal)
    app = Starlette(
        routes=[
            Route(entry.path, desk.endpoint(entry), methods=[entry.method], name=entry.name)
            for entry in ROUTES
        ],
        middleware=[
            Middleware(Guard, error_page=desk.broken),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(GZipMiddleware, minimum_size=500),
        ],
        exception_handlers={HTTPException: desk.http_error},
    )
    app.router.redirect_slashes = False
    return app


class _Desk:
    """Makes a visit of each request and has it served."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._cookies = cookies.Cookies(portal.secret)

    def endpoint(self, entry: Entry):  # type: ignore[no-untyped-def]  # Starlette calls it
        """The endpoint of a route."""

        async def endpoint(request: Request) -> Response:
            form: Mapping[str, str] = {}
            if entry.method == "POST":
                async with request.form(max_files=0, max_fields=_MOST_FIELDS) as sent:
                    form = {name: text for name, text in sent.items() if isinstance(text, str)}
            return await run_in_threadpool(self._serve, entry, request, form)

        return endpoint

    def http_error(self, request: Request, error: Exception) -> Response:
        """A page for what the routing itself refuses: no such page, or no such method."""
        status = error.status_code if isinstance(error, HTTPException) else 400
        visit = self._visit(request, {})
        key = {404: "not_found", 405: "not_found"}.get(status, "refused")
        return visit.render("problem.html.j2", status=status, key=key, detail="")

    def broken(self, scope: Scope) -> Response:
        """The page for an error that nobody foresaw: no word of it."""
        own = self._portal.words[SOURCE_LANGUAGE].own
        return HTMLResponse(
            Markup("<!doctype html><html lang=en><title>{0}</title><h1>{0}</h1><p>{1}</p>").format(
                own.text("problem.broken"), own.text("problem.broken_text")
            ),
            500,
        )

    def _serve(self, entry: Entry, request: Request, form: Mapping[str, str]) -> Response:
        self._portal.keep_dates()
        visit = self._visit(request, form)
        response = self._answer(entry, visit)
        if visit.held is None and not self._cookies.read(request.cookies, cookies.VISITOR):
            self._cookies.write(response, cookies.VISITOR, visit.visitor)
        for name, value in visit.cookies.items():
            if value:
                self._cookies.write(response, name, value)
            else:
                self._cookies.clear(response, name)
        return response

    def _answer(self, entry: Entry, visit: Visit) -> Response:
        if entry.may is not None:
            if visit.actor is None:
                return door.ask_to_sign_in(visit, entry)
            if not entry.may(visit.actor):
                return _refused(visit, NotPermitted(""))
        try:
            if entry.method == "POST":
                form_id = self._portal.forms.check(visit.form.get(FIELD, ""), visit.visitor)
                if form_id is None:
                    return self._again(entry, visit, visit.t("problem.form_too_old"))
                visit.form_id = form_id
            return entry.page(visit)
        except (NotPermitted, UnknownReview) as refused:
            return _refused(visit, refused)
        except Refused as refused:
            if entry.method == "POST":
                return self._again(entry, visit, _said(visit, refused))
            return _refused(visit, refused)

    def _again(self, entry: Entry, visit: Visit, notice: Markup) -> Response:
        """The page of the form, with what was written in it and why it was not done."""
        page = form_page(entry)
        if page is None:
            return visit.render("problem.html.j2", status=409, key="refused", detail=notice)
        try:
            response = page(replace(visit, form={}, kept=visit.form, notice=notice))
        except Refused as refused:
            return _refused(visit, refused)
        response.status_code = 409
        return response

    def _visit(self, request: Request, form: Mapping[str, str]) -> Visit:
        read = self._cookies.read
        secret = read(request.cookies, cookies.SESSION)
        held = actor = None
        if secret:
            with self._portal.store.read() as session:
                held = sessions.read(session, secret)
                actor = accounts.actor_of(session, held.account_id) if held else None
        signed_in = held is not None and actor is not None
        visitor = (
            sessions.session_id(secret)
            if signed_in
            else read(request.cookies, cookies.VISITOR) or sessions.new_secret()
        )
        return Visit(
            portal=self._portal,
            words=self._portal.words[self._language(request)],
            path=request.url.path,
            place={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            visitor=visitor,
            address=request.client.host if request.client else "",
            actor=actor,
            secret=secret if signed_in else "",
            held=held if signed_in else None,
            form=form,
            menu=menu_of(actor) if actor else (),
        )

    def _language(self, request: Request) -> str:
        """As chosen, else as the browser asks, else English."""
        known = self._portal.words
        chosen = self._cookies.read(request.cookies, cookies.LANGUAGE)
        if chosen in known:
            return chosen
        asked = [
            part.split(";")[0].strip().split("-")[0].lower()
            for part in request.headers.get("accept-language", "").split(",")
        ]
        return negotiate_locale(asked, list(known)) or SOURCE_LANGUAGE


def _refused(visit: Visit, refused: Refused) -> Response:
    status, key = 409, "refused"
    if isinstance(refused, NotPermitted):
        status, key = 403, "not_permitted"
    elif isinstance(refused, UnknownReview):
        status, key = 404, "not_found"
    return visit.render("problem.html.j2", status=status, key=key, detail=str(refused))


def _said(visit: Visit, refused: Refused) -> Markup:
    """Why something was not done: in the visitor's language where the portal has a text."""
    if isinstance(refused, NotTaken):
        return visit.t(refused.key)
    if isinstance(refused, TokenError):
        return visit.t("problem.token")
    return Markup('{} <span lang="en" dir="ltr">{}</span>').format(
        visit.t("problem.refused_text"), str(refused)
    )
