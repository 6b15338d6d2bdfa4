"""The register of testimony: who coded which comment, released which words, and why.

The rule: entries are appended to a hash chain, one file a country, and never changed. Words lie
beside the chain, which holds only their digest, so a withdrawal can blank them and the chain still
holds. Days are arguments; no clock is read. A comment is named by the key of its response; a digest
binds each entry to the very text, so a comment that is delivered otherwise must be read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.deliveries.storage import write_bytes
from pipelines.errors import Foreseen
from pipelines.participation import ledger
from pipelines.paths import Home
from pipelines.testimony.codebook import load_codebook

CODED, RELEASED, WITHDRAWN = "coded", "released", "withdrawn"


class TestimonyError(Foreseen, ValueError):
    """Something that the register refuses; the message says what to do, and holds no comment."""

    __test__ = False


@dataclass(frozen=True)
class Act:
    """Who does it (a role or a chosen name), on which day, and why."""

    who: str
    on: date
    why: str

    def body(self) -> dict[str, str]:
        """As the chain keeps it. TestimonyError where a part is missing."""
        if not self.who.strip() or not self.why.strip():
            raise TestimonyError("say who does it and why: --who ROLE --why REASON")
        return {"who": self.who, "on": self.on.isoformat(), "why": self.why}


def digest(response_key: str, text: str) -> str:
    """SHA-256 (hex) of a text under its response's key, as DuckDB's sha256 gives it."""
    return hashlib.sha256(f"{response_key}\n{text}".encode()).hexdigest()


def entries(home: Home, country: str, head: str | None = None) -> list[ledger.Entry]:
    """The entries up to ``head``, or all of them; none where ``head`` is empty.

    TestimonyError when the register never had that head.
    """
    if head == "":
        return []
    path = home.testimony_register(country)
    found = ledger.entries(path) if path.exists() else []
    if found:
        ledger.verify_chain(path)
    if head is None:
        return found
    for number, entry in enumerate(found, start=1):
        if entry.hash == head:
            return found[:number]
    raise TestimonyError(
        f"{path} has no entry {head[:12]}: this home is not the one in which the comments were "
        "coded. Bring the register of that home here."
    )


def code(
    home: Home, country: str, codings: Sequence[tuple[str, str, Sequence[str]]], act: Act
) -> None:
    """Enter comments' themes: (response key, comment, themes), none of them where none fits.

    A comment's earlier coding is replaced. TestimonyError names a theme that the codebook lacks.
    """
    known = load_codebook()
    strange = sorted({theme for _, _, themes in codings for theme in themes} - set(known))
    if strange:
        raise TestimonyError(f"no theme {', '.join(strange)}: choose from {', '.join(known)}")
    bodies = [
        {
            "response_key": response_key,
            "comment": digest(response_key, comment),
            "themes": sorted(set(themes)),
        }
        for response_key, comment, themes in codings
    ]
    _append(home, country, CODED, bodies, act)


def release(
    home: Home,
    country: str,
    response_key: str,
    comment: str,
    quotation: str,
    theme: str,
    language: str,
    act: Act,
) -> str:
    """Enter a quotation, whose rules ``quoting.check`` has held it to; returns its id."""
    before = entries(home, country)
    name = f"{country}-{1 + sum(one.kind == RELEASED for one in before):04d}"
    write_bytes(home.testimony_words(country) / f"{name}.txt", quotation.encode(), 0o600)
    body = {
        "quotation": name,
        "response_key": response_key,
        "comment": digest(response_key, comment),
        "words": digest(response_key, quotation),
        "theme": theme,
        "language": language,
    }
    _append(home, country, RELEASED, [body], act)
    return name


def withdraw(home: Home, country: str, quotation: str, act: Act) -> None:
    """Take a quotation out of every later candidate and blank its words; again does no harm."""
    found = entries(home, country)
    if quotation not in {one.body["quotation"] for one in found if one.kind == RELEASED}:
        raise TestimonyError(
            f"no quotation {quotation} was released in {country}: see `observatory testimony list "
            f"{country}`"
        )
    if quotation not in withdrawn(found):
        _append(home, country, WITHDRAWN, [{"quotation": quotation}], act)
    path = home.testimony_words(country) / f"{quotation}.txt"
    if path.exists() and path.read_bytes():
        write_bytes(path, b"", 0o600)


def withdrawn(found: Iterable[ledger.Entry]) -> set[str]:
    """The ids of quotations that were withdrawn."""
    return {one.body["quotation"] for one in found if one.kind == WITHDRAWN}


def words(home: Home, country: str, entry: ledger.Entry) -> str:
    """The words of a released quotation; TestimonyError where they were blanked or changed."""
    name = entry.body["quotation"]
    path = home.testimony_words(country) / f"{name}.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text:
        raise TestimonyError(
            f"{path}: the words of quotation {name} were withdrawn since, so what held them can't "
            "be built again. What was signed with them can still be verified."
        )
    if digest(entry.body["response_key"], text) != entry.body["words"]:
        raise TestimonyError(f"{path}: not the words that were released; restore the file")
    return text


def _append(
    home: Home, country: str, kind: str, bodies: Sequence[Mapping[str, object]], act: Act
) -> None:
    first = len(entries(home, country)) + 1
    numbered = [
        {**body, **act.body(), "number": number} for number, body in enumerate(bodies, start=first)
    ]
    ledger.append_all(home.testimony_register(country), kind, numbered)
