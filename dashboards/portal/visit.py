"""One request as a page sees it: who asks, in which language, with what in the form.

The rule: a page takes its words, its visitor and its way to the store from the visit alone. What
would add something is done through ``once``, and so never twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboards.portal import forms, sessions
from dashboards.portal.portal import Portal
from dashboards.portal.styles import STYLE_ADDRESS
from dashboards.portal.words import LOCALES, Words
from pipelines.participation.people import Actor, Refused
from pipelines.participation.permissions import NotPermitted

Done = TypeVar("Done")
TEMPLATES = Environment(
    loader=FileSystemLoader(LOCALES.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass
class Visit:
    """A request. ``form`` is empty on GET; ``kept`` refills a form that could not be done.

    ``secret`` and ``held`` are the session's; ``form_id`` is the form's random part; ``cookies``
    are to be set, or taken back where empty.
    """

    portal: Portal
    words: Words
    path: str
    place: Mapping[str, str]
    query: Mapping[str, str]
    visitor: str
    address: str
    actor: Actor | None = None
    secret: str = ""
    held: sessions.Held | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    form_id: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    notice: Markup | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    menu: tuple[tuple[str, str], ...] = ()

    @property
    def who(self) -> Actor:
        """The one who is signed in; NotPermitted on a page that lets anybody in."""
        if self.actor is None:
            raise NotPermitted("sign in first")
        return self.actor

    @property
    def session(self) -> sessions.Held:
        """What the session holds."""
        if self.held is None:
            raise NotPermitted("sign in first")
        return self.held

    def t(self, key: str, **values: object) -> Markup:
        """A text of the portal."""
        return self.words.own.text(key, **values)

    def value(self, name: str) -> str:
        """A field of the form, without blanks around it."""
        return self.form.get(name, "").strip()

    def once(self, act: Callable[[Session], Done]) -> Done | None:
        """Do an act in a transaction of its own; None when this form has done it already."""
        with self.portal.store.write() as session:
            if not forms.is_first(session, self.form_id, self.portal.today):
                return None
            return act(session)

    def remember(self) -> None:
        """Store what the session holds now."""
        with self.portal.store.write() as session:
            sessions.change(session, self.secret, self.session)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of a template with the words and the visitor."""
        html = TEMPLATES.get_template(template).render(
            visit=self,
            t=self.words.own.text,
            words=self.words,
            site=self.words.site.text,
            locale=self.words.own,
            languages=[one.own for one in self.portal.words.values()],
            actor=self.actor,
            notice=self.notice,
            kept=self.kept,
            form_key=self.portal.forms.new(self.visitor),
            style=STYLE_ADDRESS,
            **values,
        )
        return HTMLResponse(html, status)

    def go(self, path: str) -> Response:
        """After a form was done: see a page of the portal instead of sending it again."""
        if not is_local(path):
            raise Refused("an address outside the portal")
        return RedirectResponse(path, 303)


def is_local(path: str) -> bool:
    """Whether an address is a path of the portal, so that nobody is led elsewhere."""
    return (
        path.startswith("/")
        and not path.startswith("//")
        and path.isprintable()
        and "\\" not in path
    )
