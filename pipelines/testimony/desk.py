"""The desk at which a person reads, codes, releases and withdraws; all under the writer's lock.

The rule: only a comment that the newest vintage holds can be coded or quoted, and only one that was
coded with a theme can be quoted beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.deliveries.vintages import current_vintage
from pipelines.locking import writer_lock
from pipelines.paths import Home
from pipelines.testimony import quoting, register
from pipelines.testimony.comments import comments_of
from pipelines.testimony.gather import codings
from pipelines.testimony.register import Act, TestimonyError


def describe_comments(home: Home, country: str) -> list[dict[str, Any]]:
    """Every comment of the newest vintage with its themes; empty where it was not coded yet."""
    coded = codings(register.entries(home, country))
    return [
        {
            "response": one["response_key"],
            "year": one["year"],
            "language": one["language"],
            "consent": one["consent_to_quote"],
            "themes": _said(coded.get((one["response_key"], one["digest"]))),
            "comment": one["comment"],
        }
        for one in _comments(home, country)
    ]


def describe_quotations(home: Home, country: str) -> list[dict[str, Any]]:
    """Every quotation that was ever released, without its words."""
    found = register.entries(home, country)
    gone = register.withdrawn(found)
    return [
        {
            "quotation": one.body["quotation"],
            "theme": one.body["theme"],
            "language": one.body["language"],
            "who": one.body["who"],
            "on": one.body["on"],
            "state": "withdrawn" if one.body["quotation"] in gone else "released",
        }
        for one in found
        if one.kind == register.RELEASED
    ]


def code(home: Home, country: str, themes: Mapping[str, Sequence[str]], act: Act) -> None:
    """Code comments, by key of the response; one that is coded just so already is left as it is.

    TestimonyError, and nothing is coded, where there is no such comment or a theme is unknown.
    """
    comments = _by_key(home, country)
    chosen = [(_known(comments, country, key), found) for key, found in themes.items()]
    with writer_lock(home, "code comments"):
        coded = codings(register.entries(home, country))
        changed = [
            (one["response_key"], one["comment"], found)
            for one, found in chosen
            if coded.get((one["response_key"], one["digest"])) != tuple(sorted(set(found)))
        ]
        register.code(home, country, changed, act)


def release(
    home: Home,
    country: str,
    response_key: str,
    quotation: str,
    theme: str,
    language: str,
    act: Act,
    *,
    read: bool,
) -> str:
    """Release words of a comment; returns the quotation's id.

    ``read`` says that a person read them for names. TestimonyError names the rule they break.
    """
    if not read:
        raise TestimonyError(
            "read the words for names, places and events by which somebody could be known, shorten "
            "them where needed, and say so with --read-for-names"
        )
    one = _known(_by_key(home, country), country, response_key)
    quoting.check(one["comment"], one["consent_to_quote"], quotation, language)
    with writer_lock(home, "release a quotation"):
        coded = codings(register.entries(home, country))
        if theme not in coded.get((response_key, one["digest"]), ()):
            raise TestimonyError(f"the comment is not coded with {theme}: code it first")
        return register.release(
            home, country, response_key, one["comment"], quotation, theme, language, act
        )


def withdraw(home: Home, country: str, quotation: str, act: Act) -> None:
    """Take a quotation back; TestimonyError where there is none of that name."""
    with writer_lock(home, "withdraw a quotation"):
        register.withdraw(home, country, quotation, act)


def _said(themes: tuple[str, ...] | None) -> str:
    return "" if themes is None else ", ".join(themes) or "no theme"


def _comments(home: Home, country: str) -> list[dict[str, Any]]:
    with writer_lock(home, "read the comments"):
        vintage = current_vintage(home)
    found: list[dict[str, Any]] = comments_of(home, vintage.hash, country).to_pylist()
    return found


def _by_key(home: Home, country: str) -> dict[str, dict[str, Any]]:
    """The comments by key of the response: where two providers use one key, the first."""
    return {one["response_key"]: one for one in reversed(_comments(home, country))}


def _known(comments: Mapping[str, dict[str, Any]], country: str, key: str) -> dict[str, Any]:
    if key not in comments:
        raise TestimonyError(
            f"{country} has no comment with this response: see `observatory testimony list "
            f"{country} --comments`"
        )
    return comments[key]
