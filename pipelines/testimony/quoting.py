"""What may be quoted: words of the comment, in their order, with consent, that name nobody.

The rule: a quotation is the comment or a shortened part of it, cut between words and with an
ellipsis where something inside was left out; no other word is put in. A machine looks for
identifiers a second time, and the person who releases it has read it for names and places.
"""

from __future__ import annotations

import re
import unicodedata

import duckdb

from pipelines.deliveries.identifiers import comment_sql
from pipelines.testimony.register import TestimonyError

_ELLIPSIS = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|…|\.\.\.)\s*")
_NAME = r"\p{Lu}\p{Ll}+[ ’'-]+\p{Lu}\p{Ll}+"
"""Two words with capitals in a row; other scripts have none, so people read for names."""


_JOINED = "'’ʼ‑-"
"""What joins parts to one word: "can" is half of "can't", and turns it round."""


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A tag of BCP 47 (RFC 5646): pages say it, so that a screen reader speaks the language."""


def check(comment: str, consent: str, quotation: str, language: str) -> None:
    """TestimonyError where the words may not be quoted; it holds none of them."""
    if not _LANGUAGE.fullmatch(language):
        raise TestimonyError(f"no language {language}: give its code, for example es or pt-BR")
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
    # What is left out must not keep the parts of a name or a number from being seen together.
    joined = [_ELLIPSIS.sub(between, quotation) for between in (" ", "")]
    if any(holds_identifier(text) for text in (quotation, *joined)):
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
        while True:
            start = comment.find(piece, position)
            if start < 0:
                return False
            position = start + len(piece)
            if not (_halves(comment, start) or _halves(comment, position)):
                break
            position = start + 1
    return True


def _halves(text: str, at: int) -> bool:
    """Whether a cut before ``text[at]`` goes through a word, its marks or what joins its parts."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if unicodedata.category(right).startswith("M"):
        return True
    if left in _JOINED:
        return _in_word(right) and at > 1 and _in_word(text[at - 2])
    if right in _JOINED:
        return _in_word(left) and at + 1 < len(text) and _in_word(text[at + 1])
    return _in_word(left) and _in_word(right)


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M")


def holds_identifier(text: str) -> bool:
    """Whether a machine takes a part of the text for an identifier or a name."""
    with duckdb.connect() as connection:
        query = f"select {comment_sql('words')} or regexp_matches(words, $name) "
        found = connection.execute(
            query + "from (select $text as words)", {"text": text, "name": _NAME}
        ).fetchall()
    return bool(found[0][0])
