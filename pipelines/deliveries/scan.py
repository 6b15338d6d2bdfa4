"""The identifier scan of one table: columns no contract knows, free codes, odd rows, comments.

Rule guarded: every value that may be kept was either of a form that can't identify (a key, a month,
a code) or was held against the identifier rules. Scanning only what is not of such a form is what
keeps the gate fast.
"""

from __future__ import annotations

import re

from duckdb import DuckDBPyConnection

from pipelines.deliveries import identifiers
from pipelines.deliveries.contract import Contract
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.readers.base import Raw

_REMEDY = "looks like an identifier ({rule}); remove it and send the delivery again"


def blank_comments(connection: DuckDBPyConnection, contract: Contract) -> None:
    """``text_<t>`` from ``delivered_<t>``: the same rows, comments with an identifier emptied."""
    texts = [column.name for column in contract.columns if column.type == "text"]
    blanked = ", ".join(
        f"case when not {identifiers.comment_sql(name)} then {name} end as {name}" for name in texts
    )
    columns = f"* replace ({blanked})" if blanked else "*"
    connection.execute(
        f"create or replace view text_{contract.table} as "
        f"select {columns} from delivered_{contract.table}"
    )


def scan_table(
    connection: DuckDBPyConnection,
    contract: Contract,
    raw: Raw,
    unknown: tuple[str, ...],
    file: str,
    checked: bool,
) -> list[Finding]:
    """Findings of step 2 for one table; rule ``comment_dropped`` is the only one not to refuse."""
    findings = [
        Finding(
            2,
            rule,
            f"the column's name says that it holds an identifier ({rule}); leave the column out",
            file,
            contract.table,
            shown_name(raw, name),
        )
        for name in unknown
        if (rule := identifiers.column_rule(name))
    ]
    for name in unknown:
        cells = f"select rowid + 1 as row_number, {raw.columns[name]} as value from {raw.relation}"
        shown = shown_name(raw, name)
        if shown != name:  # the name may itself be a value
            quoted = name.replace("'", "''")
            cells += f" union all select 0, '{quoted}'"
        findings += _scan(connection, cells, contract, file, shown)
    if not checked:
        return findings
    table = contract.table
    odd = f"semi join (select row_number from breach_{table}) using (row_number)"
    for column in contract.columns:
        if column.type == "text":
            findings += _scan_comments(connection, contract, column.name, file)
            continue
        cells = f"select row_number, {column.name} as value from text_{table}"
        if column.pattern is None:
            cells += f" {odd}"
            if column.type in ("int", "amount"):
                cells += f" where not {identifiers.plain_number_sql(column.name)}"
        findings += _scan(connection, cells, contract, file, column.name)
    return findings


def shown_name(raw: Raw, name: str) -> str:
    """A column as a finding may call it: by its name where that can't be a delivered value.

    In a file without a header the first person's data stand where the names should be; such a
    column is called by its place.
    """
    one_word = re.fullmatch(r"_*[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None
    worded = re.fullmatch(r"[A-Za-z0-9_ ,#/-]{1,40}", name) is not None
    telling = worded and identifiers.column_rule(name) is not None
    if (one_word or telling) and not re.search(r"[0-9]{5}", name):
        return name
    return f"number {list(raw.columns).index(name) + 1}"


def _scan(
    connection: DuckDBPyConnection, cells: str, contract: Contract, file: str, name: str
) -> list[Finding]:
    """Hold each distinct value of ``cells`` (row_number, value) against the cell rules."""
    rules = identifiers.CELL_RULES
    measures = ", ".join(
        f"sum(often) filter (where {hit}), min(first) filter (where {hit})"
        for hit in (identifiers.value_sql(rule, "value") for rule in rules)
    )
    found = connection.execute(
        f"with cells as ({cells}), distinct_values as ("
        "select value, count(*) as often, min(row_number) as first from cells "
        f"where value is not null group by value) select {measures} from distinct_values"
    ).fetchall()[0]
    return [
        Finding(2, rule, _REMEDY.format(rule=rule), file, contract.table, name, first, int(count))
        for rule, count, first in zip(rules, found[::2], found[1::2], strict=True)
        if count
    ]


def _scan_comments(
    connection: DuckDBPyConnection, contract: Contract, name: str, file: str
) -> list[Finding]:
    count, first = connection.execute(
        f"select count(*), min(row_number) from delivered_{contract.table} "
        f"where {identifiers.comment_sql(name)}"
    ).fetchall()[0]
    message = "a comment held an identifier and was dropped; the row's answers stay"
    found = Finding(2, "comment_dropped", message, file, contract.table, name, first, count)
    return [found] if count else []
