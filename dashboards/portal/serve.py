"""The portal on a machine: loopback unless someone asks for another address.

The rule: no request is logged. Behind a proxy that ends TLS, the proxy must not log either
(``docs/how-to/run-the-portal.md``).
"""

from __future__ import annotations

import threading

import uvicorn

from dashboards.portal.app import LOOPBACK, create_app
from dashboards.portal.portal import Portal
from pipelines.paths import Home


def serve(
    home: Home,
    *,
    host: str = "127.0.0.1",
    port: int = 8200,
    names: tuple[str, ...] = (),
    database: str | None = None,
    exit_to: str = "/elsewhere",
    drawn: bool = False,
) -> None:
    """Serve the portal of a home until interrupted; ``names`` are further host names it has.

    Packets are drawn while the first visitors come, or before, where ``drawn`` says so.
    """
    portal = Portal.of(home, database, exit_to=exit_to)
    if drawn:
        portal.warm()
    else:
        threading.Thread(target=portal.warm, daemon=True).start()
    uvicorn.run(
        create_app(portal, (*LOOPBACK, *names)),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
    )
