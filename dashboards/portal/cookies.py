"""The portal's three cookies: session, visitor, language.

The rule: each is signed, for this host alone (``__Host-``), sent to no other site (SameSite
strict), over TLS or to this very machine (Secure), and closed to scripts (HttpOnly).
"""

from __future__ import annotations

from collections.abc import Mapping

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from dashboards.portal.sessions import LIFETIME

SESSION, VISITOR, LANGUAGE = "__Host-session", "__Host-visitor", "__Host-language"
_YEAR = 365 * 24 * 3600
_AGES: dict[str, int] = {
    SESSION: int(LIFETIME.total_seconds()),
    VISITOR: int(LIFETIME.total_seconds()),
    LANGUAGE: _YEAR,
}


class Cookies:
    """Reads and writes the signed cookies of one portal."""

    def __init__(self, secret: str) -> None:
        """Cookies signed with the portal's secret."""
        self._secret = secret

    def read(self, cookies: Mapping[str, str], name: str) -> str:
        """A cookie's value; empty when it is missing, too old or not ours."""
        try:
            value = self._signer(name).loads(cookies.get(name, ""), max_age=_AGES[name])
        except BadSignature:
            return ""
        return value if isinstance(value, str) else ""

    def write(self, response: Response, name: str, value: str) -> None:
        """Set a cookie; the session's and the visitor's go when the browser is closed."""
        response.set_cookie(
            name,
            self.sign(name, value),
            max_age=_YEAR if name == LANGUAGE else None,
            secure=True,
            httponly=True,
            samesite="strict",
        )

    def sign(self, name: str, value: str) -> str:
        """What the browser keeps of a value."""
        return str(self._signer(name).dumps(value))

    @staticmethod
    def clear(response: Response, *names: str) -> None:
        """Take cookies back."""
        for name in names:
            response.delete_cookie(name, secure=True, httponly=True, samesite="strict")

    def _signer(self, name: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=name)
