"""The built site on loopback, with the headers that a public host should send too.

Rules: files of the folder and nothing else: no listing, no link or path that leads out of it. Only
GET and HEAD. The address is loopback unless someone asks for another.
"""

from __future__ import annotations

import mimetypes
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.errors import Foreseen

PAGE_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".parquet": "application/vnd.apache.parquet",
    ".sig": "text/plain; charset=utf-8",
}


class NoSite(Foreseen, NotADirectoryError):
    """The folder holds no pages."""


def server_of(folder: Path, host: str = "127.0.0.1", port: int = 8000) -> ThreadingHTTPServer:
    """A server for the site in ``folder``, bound and not yet running; port 0 picks a free one.

    NoSite when the folder holds none.
    """
    if not (folder / "index.html").is_file():
        raise NoSite(f"{folder} holds no pages (no index.html): run `observatory build` first")
    return ThreadingHTTPServer((host, port), partial(_Handler, root=folder.resolve()))


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the site in ``folder`` until interrupted."""
    with server_of(folder, host, port) as server:
        server.serve_forever()


def find_file(root: Path, address: str) -> Path | None:
    """The file that an address means, or None: outside ``root``, missing, or a bare folder."""
    path = unquote(urlsplit(address).path)
    if "\0" in path or "\\" in path:
        return None
    target = (root / path.lstrip("/")).resolve()
    if target.is_dir():
        target = target / "index.html"
    return target if target.is_relative_to(root) and target.is_file() else None


class _Handler(BaseHTTPRequestHandler):
    server_version = "observatory"
    sys_version = ""

    def __init__(self, *args: object, root: Path) -> None:
        self.root = root
        super().__init__(*args)  # type: ignore[arg-type]  # the server passes what it must

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Send a file's headers."""
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: who reads which page is nobody's business."""

    def _answer(self, *, body: bool) -> None:
        path = urlsplit(self.path).path
        found = find_file(self.root, self.path)
        if found and found.name == "index.html" and not path.endswith(("/", "/index.html")):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"/{found.parent.relative_to(self.root).as_posix()}/")
            self._finish(b"", "text/plain; charset=utf-8", PAGE_POLICY, body=body)
        elif found:
            kind = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0]
            policy = PAGE_POLICY if found.suffix == ".html" else FILE_POLICY
            self.send_response(HTTPStatus.OK)
            kind = kind or "application/octet-stream"
            self._finish(found.read_bytes(), kind, policy, body=body)
        else:
            self.send_response(HTTPStatus.NOT_FOUND)
            self._finish(b"Not found\n", "text/plain; charset=utf-8", PAGE_POLICY, body=body)

    def _finish(self, content: bytes, kind: str, policy: str, *, body: bool) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)
