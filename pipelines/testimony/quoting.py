"""What may be quoted: words of the comment, in their order, with consent, that name nobody.

The rule: a quotation is the comment or a shortened part of it, cut between words and with an
ellipsis where something inside was left out; no other word is put in. A machine looks for
identifiers a second time, and the person who releases it has read it for names and places.
"""

from __future__ import annotations

import re

import duckdb

from pipelines.deliveries.identifiers import comment_sql
from pipelines.testimony.register import TestimonyError

_ELLIPSIS = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|…|\.\.\.)\s*")
_NAME = r"\p{Lu}\p{Ll}+[ ’'-]+\p{Lu}\p{Ll}+"
"""Two words with capitals in a row; other scripts have none, so people read for names."""


def check(comment: str, consent: str, quotation: str) -> None:
    """TestimonyError where the words may not be quoted; it holds none of them."""
    if consent != "yes":
        raise TestimonyError(
            f"consent_to_quote of this response is {consent}: it may be coded and counted, and "
            "nothing of it may be quoted"
        )
    if not is_part(comment, quotation):
        raise TestimonyError(
            "these are not the words of the comment: give a part of it as it stands, cut between "
            "words, with … where something inside is left out"
        )
    if holds_identifier(quotation):
        raise TestimonyError(
            "the words look as if they named somebody or something: shorten them, with … in the "
            "place of what you leave out"
        )


def is_part(comment: str, quotation: str) -> bool:
    """Whether a quotation is pieces of the comment in their order, each cut between words."""
    pieces = [piece for piece in _ELLIPSIS.split(quotation.strip()) if piece]
    if not any(letter.isalnum() for letter in quotation):
        return False
    # Each piece where it first fits: later places can only leave less room for the next one.
    position = 0
    for piece in pieces:
        before = r"(?<!\w)" if piece[0].isalnum() else ""
        behind = r"(?!\w)" if piece[-1].isalnum() else ""
        found = re.compile(before + re.escape(piece) + behind).search(comment, position)
        if found is None:
            return False
        position = found.end()
    return True


def holds_identifier(text: str) -> bool:
    """Whether a machine takes a part of the text for an identifier or a name."""
    with duckdb.connect() as connection:
        query = f"select {comment_sql('words')} or regexp_matches(words, $name) "
        found = connection.execute(
            query + "from (select $text as words)", {"text": text, "name": _NAME}
        ).fetchall()
    return bool(found[0][0])
