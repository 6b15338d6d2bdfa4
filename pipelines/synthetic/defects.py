"""What goes wrong on purpose: refused attempts, bad rows, deliveries corrected later.

Refused deliveries come from a provider that never sends a sound one, and a bad row is always one
too many, never one in place of a good one: the estimates stay what the truth file says. Everything
planted is listed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.synthetic.keys import key
from pipelines.synthetic.providers import Provider

_FEWEST_ROWS = 200  # below, one bad row would break the tolerance of the whole delivery
_REFUSED_PERSONS = 50
_STRANGER = 2**61  # numbers no person, event or episode has


@dataclass(frozen=True)
class Planted:
    """One bad row: ``row`` is its number in the file, the first data row being 1."""

    table: str
    rule: str
    row: int


Tables = dict[str, pa.Table]


def plant_rows(tables: Tables, which: int, seed: int) -> tuple[Tables, list[Planted]]:
    """Add one bad row of kind ``which`` (any integer; kinds take turns) to a service delivery."""
    rows = sum(table.num_rows for table in tables.values())
    events = tables["case_events"]
    if rows < _FEWEST_ROWS or events.num_rows == 0:
        return tables, []
    rule, spoil = _KINDS[which % len(_KINDS)]
    bad = spoil(events, key("event", _STRANGER + which, seed), key("person", _STRANGER, seed))
    if bad is None:
        return tables, []
    spoilt = pa.concat_tables([events, bad.select(events.column_names)]).combine_chunks()
    planted = Planted("case_events", rule, spoilt.num_rows)
    return {**tables, "case_events": spoilt}, [planted]


def _with(row: pa.Table, **values: str) -> pa.Table:
    for name, value in values.items():
        index = row.column_names.index(name)
        row = row.set_column(index, name, pa.array([value], pa.string()))
    return row


def _unknown_code(events: pa.Table, event: str, stranger: str) -> pa.Table | None:
    plain = _with(_first_contact(events), event_key=event)
    return _with(plain, event_type="went_missing")


def _duplicate(events: pa.Table, event: str, stranger: str) -> pa.Table | None:
    return events.slice(0, 1)


def _orphan(events: pa.Table, event: str, stranger: str) -> pa.Table | None:
    return _with(_first_contact(events), event_key=event, person_key=stranger)


def _negative_amount(events: pa.Table, event: str, stranger: str) -> pa.Table | None:
    paid = events.filter(pc.equal(events["event_type"], "remedy_paid")).slice(0, 1)
    if paid.num_rows == 0:
        return None
    index = paid.column_names.index("amount")
    return _with(paid, event_key=event).set_column(
        index, "amount", pc.negate(paid["amount"]).cast(paid.schema.field("amount").type)
    )


def _future_month(events: pa.Table, event: str, stranger: str) -> pa.Table | None:
    late = "2099-01"
    return _with(_first_contact(events), event_key=event, event_month=late, recorded_month=late)


def _first_contact(events: pa.Table) -> pa.Table:
    plain = events.filter(pc.is_in(events["event_type"], _plain_types())).slice(0, 1)
    return plain if plain.num_rows else events.slice(0, 1)


def _plain_types() -> pa.Array:
    return pa.array(["first_contact", "follow_up"])


_KINDS: tuple[tuple[str, Callable[[pa.Table, str, str], pa.Table | None]], ...] = (
    ("unknown_code", _unknown_code),
    ("duplicate_key", _duplicate),
    ("orphan", _orphan),
    ("range", _negative_amount),
    ("future_month", _future_month),
)


def _with_names(tables: Mapping[str, pa.Table]) -> Tables:
    """The tables with a column of made-up names among the persons."""
    persons = tables["persons"]
    names = pa.repeat("Ana Example", persons.num_rows).cast(pa.string())
    return {**tables, "persons": persons.append_column("full_name", names)}


def _with_addresses(tables: Mapping[str, pa.Table]) -> Tables:
    """The tables with an e-mail address in a column of the events that is meant for codes."""
    events = tables["case_events"]
    index = events.column_names.index("ground")
    mails = pa.repeat("someone@example.org", events.num_rows).cast(pa.string())
    return {**tables, "case_events": events.set_column(index, "ground", mails)}


def with_identifying_comment(tables: Mapping[str, pa.Table]) -> Tables:
    """The survey's tables, the first comment holding an e-mail address."""
    responses = tables["survey_responses"]
    comments = responses["comment"].to_pylist()
    first = next((n for n, comment in enumerate(comments) if comment is not None), None)
    if first is None:
        return dict(tables)
    comments[first] = "You can write to me at someone@example.org"
    index = responses.column_names.index("comment")
    changed = responses.set_column(index, "comment", pa.array(comments, pa.string()))
    return {**tables, "survey_responses": changed}


def before_correction(tables: Mapping[str, pa.Table]) -> Tables:
    """The tables as first sent: the last twentieth of the events was forgotten."""
    events = tables["case_events"]
    return {**tables, "case_events": events.slice(0, events.num_rows - events.num_rows // 20)}


def refused_deliveries(tables: Mapping[str, pa.Table], own_key: pa.Scalar) -> dict[str, Tables]:
    """By rule, deliveries to be refused: a few of another provider's rows under ``own_key``."""
    persons = tables["persons"].slice(0, _REFUSED_PERSONS)
    events = tables["case_events"]
    events = events.filter(pc.is_in(events["person_key"], persons["person_key"].combine_chunks()))
    few = {
        name: table.set_column(0, "provider_key", pa.repeat(own_key, table.num_rows))
        for name, table in (("persons", persons), ("case_events", events))
    }
    return {
        "wrong_hash": few,
        "name_column": _with_names(few),
        "email_column": _with_addresses(few),
    }


def corrected(provider: Provider, quarter: int, quarters: int) -> bool:
    """Whether this delivery is first sent wrong and then superseded."""
    return (provider.name, quarter) in {
        ("ngo-south", min(2, quarters - 1)),
        ("agency-north", quarters // 2),
        ("shelter-east", max(0, quarters - 3)),
    }


def planted_kind(provider: Provider, quarter: int) -> int | None:
    """The kind of bad row this delivery gets, if any: one delivery in four does."""
    turn = quarter * 3 + provider.position
    return turn // 4 if turn % 4 == 0 else None
