"""What a candidate is told of testimony: raw counts of themes, and the words that were released.

The rule: it is a function of a vintage and of the register up to a head, which the candidate's lock
names. What was not released comes no further than this.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.participation.ledger import Entry
from pipelines.paths import Home
from pipelines.testimony import register
from pipelines.testimony.codebook import load_codebook
from pipelines.testimony.comments import comments_of

COUNTS = pa.schema(
    [
        ("period", pa.string()),
        ("theme", pa.string()),
        ("comments", pa.int64()),
        ("coded", pa.int64()),
    ]
)
"""One row a year with coded comments and a theme of the codebook; not for publication as it is."""

Codings = dict[tuple[str, str], tuple[str, ...]]
"""(response key, digest of the comment) → its themes."""


@dataclass(frozen=True)
class Quotation:
    """Words that a person released: of which year and theme, in which language."""

    id: str
    period: str
    theme: str
    language: str
    words: str


@dataclass(frozen=True)
class Testimony:
    """``head`` is the hash of the register's last entry that was read, empty where there is none;
    ``counts`` has the columns of ``COUNTS``."""

    __test__ = False
    head: str
    counts: pa.Table
    quotations: tuple[Quotation, ...]


NONE = Testimony("", COUNTS.empty_table(), ())


def gather(home: Home, vintage: str, country: str, head: str | None = None) -> Testimony:
    """Read a country's testimony up to ``head``, else to the end of its register.

    TestimonyError when the register never had that head or words were withdrawn since.
    """
    entries = register.entries(home, country, head)
    if not entries:
        return NONE
    comments, coded = comments_of(home, vintage, country), codings(entries)
    return Testimony(
        entries[-1].hash,
        _counts(comments, coded),
        _quotations(home, country, comments, coded, entries),
    )


def codings(entries: list[Entry]) -> Codings:
    """(response key, digest of the comment) → its themes, as the last coding has them."""
    return {
        (entry.body["response_key"], entry.body["comment"]): tuple(entry.body["themes"])
        for entry in entries
        if entry.kind == register.CODED
    }


def _counts(comments: pa.Table, coded: Codings) -> pa.Table:
    rows = [
        {"response_key": key, "digest": digest, "themes": list(themes)}
        for (key, digest), themes in coded.items()
    ]
    schema = pa.schema(
        [
            ("response_key", pa.string()),
            ("digest", pa.string()),
            ("themes", pa.list_(pa.string())),
        ]
    )
    themes = pa.table({"theme": list(load_codebook()), "place": range(len(load_codebook()))})
    with duckdb.connect() as connection:
        connection.register("comments", comments)
        connection.register("codings", pa.Table.from_pylist(rows, schema))
        connection.register("codebook", themes)
        return (
            connection.sql(
                """
            with read as (
                select comments.year, codings.themes
                from comments
                inner join codings using (response_key, digest)
            )

            select
                read.year as period,
                codebook.theme,
                count(*) filter (list_contains(read.themes, codebook.theme)) as comments,
                count(*) as coded
            from read
            cross join codebook
            group by read.year, codebook.theme, codebook.place
            order by period, codebook.place
            """
            )
            .to_arrow_table()
            .cast(COUNTS)
        )


def _quotations(
    home: Home, country: str, comments: pa.Table, coded: Codings, entries: list[Entry]
) -> tuple[Quotation, ...]:
    """Those that stand: not withdrawn, of a comment as it was, with consent and still so coded."""
    gone = register.withdrawn(entries)
    may = {
        (one["response_key"], one["digest"]): one["year"]
        for one in comments.select(
            ["response_key", "digest", "year", "consent_to_quote"]
        ).to_pylist()
        if one["consent_to_quote"] == "yes"
    }
    found = []
    for entry in entries:
        said = entry.body
        if entry.kind != register.RELEASED or said["quotation"] in gone:
            continue
        key = (said["response_key"], said["comment"])
        if key in may and said["theme"] in coded.get(key, ()):
            text = register.words(home, country, entry)
            found.append(
                Quotation(said["quotation"], may[key], said["theme"], said["language"], text)
            )
    return tuple(found)
