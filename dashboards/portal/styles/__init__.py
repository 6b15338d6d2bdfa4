"""The portal's one style sheet: the site's, then what the portal adds.

The rule: its address carries its hash, so a phone fetches it once and keeps it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from dashboards.site import builder

_HERE = Path(__file__).resolve().parent
STYLE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (builder.HERE / "styles" / "site.css", _HERE / "portal.css")
)
STYLE_ADDRESS = f"/style/{hashlib.sha256(STYLE.encode()).hexdigest()[:16]}.css"
