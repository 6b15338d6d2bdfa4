"""HTML documents inside a release folder: readable in any browser, with nothing loaded.

The rule: text comes from the folder and is escaped; there is no script, no style that a strict
server would refuse, no link to another host, and every document of made-up data says so first.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.release.formats.wording import MARKS, NOTES, SYNTHETIC, title_of
from pipelines.release.reading import Candidate

_TEMPLATES = Environment(
    loader=PackageLoader("pipelines.release.formats"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def document(template: str, candidate: Candidate, **content: object) -> bytes:
    """The document of a template in ``formats/templates``, as UTF-8."""
    text = _TEMPLATES.get_template(template).render(
        status=candidate.status,
        release=title_of(candidate),
        synthetic=SYNTHETIC if candidate.status.synthetic else "",
        marks=MARKS,
        notes=NOTES,
        **content,
    )
    return text.encode()
