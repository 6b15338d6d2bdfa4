"""The identifier scan of a delivery: columns no contract knows, free codes, odd rows, comments.

Rule guarded: every value that may be kept was either of a form that can't identify (a key, a month,
a code) or was held against the identifier rules. Scanning only what is not of such a form is what
keeps the gate fast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from pipelines.deliveries import identifiers
from pipelines.deliveries.contract import Contract
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.identifying_columns import column_rule, one_word
from pipelines.deliveries.readers.base import Raw
from pipelines.deliveries.tombstones import Tombstones, erased_rows


def blank_comments(
    connection: DuckDBPyConnection, contract: Contract, tombstones: Tombstones
) -> None:
    """``text_<t>`` from ``delivered_<t>``: comments with an identifier emptied, nobody erased.

    The rows left out are in ``erased_<t>`` (row_number, erasure).
    """
    texts = [column.name for column in contract.columns if column.type == "text"]
    blanked = ", ".join(
        f"case when not {identifiers.comment_sql(name)} then {name} end as {name}" for name in texts
    )
    columns = f"* replace ({blanked})" if blanked else "*"
    table = contract.table
    connection.execute(
        f"create or replace table erased_{table} as {erased_rows(contract, f'delivered_{table}')}"
        if tombstones
        else f"create or replace table erased_{table} (row_number bigint, erasure varchar)"
    )
    but = f"anti join erased_{table} using (row_number)" if tombstones else ""
    connection.execute(
        f"create or replace view text_{table} as select {columns} from delivered_{table} {but}"
    )


@dataclass(frozen=True)
class Part:
    """One loaded file, as the scan sees it; ``checked`` once ``breach_<t>`` exists."""

    contract: Contract
    file: str
    raw: Raw
    unknown: tuple[str, ...]
    checked: bool


@dataclass(frozen=True)
class _Cells:
    """The values of one column that have to be looked at: ``query`` gives row_number, value."""

    part: Part
    field: str
    query: str


def scan(connection: DuckDBPyConnection, parts: list[Part]) -> list[Finding]:
    """Findings of step 2 for a delivery; rule ``comment_dropped`` is the only one not to refuse."""
    findings = [finding for part in parts for finding in _named(part)]
    cells = [one for part in parts for one in _unknown_cells(part)]
    for part in parts:
        if part.checked:
            cells += _contract_cells(connection, part)
            findings += _scan_comments(connection, part)
    return findings + (_scan_cells(connection, cells) if cells else [])


def _named(part: Part) -> list[Finding]:
    """Unknown columns whose very name says what they hold."""
    remedy = "the column's name says that it holds an identifier ({}); leave the column out"
    return [
        Finding(
            2, rule, remedy.format(rule), part.file, part.contract.table, shown_name(part.raw, name)
        )
        for name in part.unknown
        if (rule := column_rule(name))
    ]


def _unknown_cells(part: Part) -> list[_Cells]:
    """Every value of the columns that no reader knows, and names that may be values themselves."""
    cells = []
    raw = part.raw
    for name in part.unknown:
        shown = shown_name(raw, name)
        column = raw.columns[name]
        values = f"select rowid + 1 as row_number, {column} as value from {raw.relation}"
        cells.append(_Cells(part, shown, values))
        if shown != name:
            quoted = name.replace("'", "''")
            cells.append(_Cells(part, shown, f"select null as row_number, '{quoted}' as value"))
    return cells


def _contract_cells(connection: DuckDBPyConnection, part: Part) -> list[_Cells]:
    """Every value of a free code, and all values of the rows that break the contract."""
    table = part.contract.table
    any_odd = connection.execute(f"select count(*) from breach_{table}").fetchall()[0][0]
    odd = f"semi join breach_{table} using (row_number)"
    cells = []
    for column in part.contract.columns:
        name = column.name
        values = f"select row_number, {name} as value from text_{table}"
        if column.type == "text":
            continue
        if column.pattern:
            cells.append(_Cells(part, name, values))
        elif any_odd and column.type in ("int", "amount"):
            number = identifiers.plain_number_sql(name)
            cells.append(_Cells(part, name, f"{values} {odd} where not {number}"))
        elif any_odd:
            cells.append(_Cells(part, name, f"{values} {odd}"))
    return cells


def shown_name(raw: Raw, name: str) -> str:
    """A column as a finding may call it: by its name where that can't be a delivered value.

    In a file without a header the first person's data stand where the names should be; such a
    column is called by its place.
    """
    worded = re.fullmatch(r"[A-Za-z0-9_ ,#/-]{1,40}", name) is not None
    telling = worded and column_rule(name) is not None
    if one_word(name) or (telling and not re.search(r"[0-9]{5}", name)):
        return name
    return f"number {list(raw.columns).index(name) + 1}"


def _scan_cells(connection: DuckDBPyConnection, cells: list[_Cells]) -> list[Finding]:
    """Hold each distinct value against the cell rules, all columns in one query.

    Compiling the rules costs more than a small delivery's rows, so words come off first.
    """
    rules = identifiers.CELL_RULES
    values = " union all ".join(
        f"select {place} as place, * from ({one.query})" for place, one in enumerate(cells)
    )
    hits = ", ".join(f"{identifiers.value_sql(rule, 'value')} as {rule}" for rule in rules)
    sums = ", ".join(f"sum(often) filter ({rule}), min(first) filter ({rule})" for rule in rules)
    connection.execute(
        f"""
        create or replace temp table distinct_values as
        with delivered as ({values})
        select place, value, count(*) as often, min(row_number) as first
        from delivered
        where value is not null and not {identifiers.plain_word_sql("value")}
        group by all
        """
    )
    if not connection.execute("from distinct_values limit 1").fetchall():
        return []
    found = connection.execute(
        f"""
        with held as (select place, often, first, {hits} from distinct_values)
        select place, {sums} from held group by place order by place
        """
    ).fetchall()
    return [
        _finding(cells[place], rule, first, int(count))
        for place, *measured in found
        for rule, count, first in zip(rules, measured[::2], measured[1::2], strict=True)
        if count
    ]


def _finding(cells: _Cells, rule: str, first: int | None, count: int) -> Finding:
    part = cells.part
    remedy = (
        "remove it, or write the code where it is a label" if rule == "person_name" else "remove it"
    )
    message = f"looks like an identifier ({rule}); {remedy} and send the delivery again"
    return Finding(2, rule, message, part.file, part.contract.table, cells.field, first, count)


def _scan_comments(connection: DuckDBPyConnection, part: Part) -> list[Finding]:
    findings = []
    table = part.contract.table
    for name in (column.name for column in part.contract.columns if column.type == "text"):
        count, first = connection.execute(
            f"select count(*), min(row_number) from delivered_{table} "
            f"where {identifiers.comment_sql(name)}"
        ).fetchall()[0]
        message = "a comment held an identifier and was dropped; the row's answers stay"
        if count:
            findings.append(
                Finding(2, "comment_dropped", message, part.file, table, name, first, count)
            )
    return findings
