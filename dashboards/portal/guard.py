"""What every answer carries, and what no answer lets out.

The rule: no page may be framed, cached, scripted or told to another host; a body is small; an error
that nobody foresaw becomes a plain page, and its log line holds a type and a place in the code,
never a value.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Robots-Tag": "noindex, nofollow",
}
ErrorPage = Callable[[Scope], Response]


class _TooLarge(Exception):
    """The body is larger than any form of ours."""


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, error_page: ErrorPage) -> None:
        """``error_page`` makes the answer to an error that nobody foresaw."""
        self._app = app
        self._error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing but HTTP is served."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, taken = False, 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise _TooLarge
            return message

        async def covered(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            length = Headers(scope=scope).get("content-length", "0")
            if not length.isdigit() or int(length) > LARGEST_BODY:
                raise _TooLarge
            await self._app(scope, counted, covered)
        except _TooLarge:
            await PlainTextResponse("Too large\n", 413)(scope, receive, covered)
        except Exception as error:  # the last line of defence
            _log(error)
            if not begun:
                await self._error_page(scope)(scope, receive, covered)


def _log(error: Exception) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(f"portal: {type(error).__name__} at {place.filename}:{place.lineno}\n")
