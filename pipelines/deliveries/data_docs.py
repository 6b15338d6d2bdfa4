"""Great Expectations pages that open without a network.

The library's templates load styles, fonts and scripts from half a dozen hosts. The engineers'
pages call no other host, so those references are cut and a policy that forbids them is put in.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

_EXTERNAL = re.compile(
    r"<script\b[^>]*\bsrc=[\"']https?://[^>]*>\s*</script>"
    r"|<link\b[^>]*\bhref=[\"']https?://[^>]*>"
    r"|<img\b[^>]*\bsrc=[\"']https?://[^>]*>",
    re.IGNORECASE,
)
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'\">"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .6rem}"
    ".modal,.btn-info,nav .search{display:none}</style>"
)


def publish_data_docs(built: Path, out: Path) -> None:
    """Move the built pages to ``out`` (replacing it), cut off from every other host."""
    for page in built.rglob("*.html"):
        text = _EXTERNAL.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("<head>", "<head>" + _POLICY, 1), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    built.replace(out)
