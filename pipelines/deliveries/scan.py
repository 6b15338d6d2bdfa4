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
    cells = _unknown_cells(raw, unknown)
    if checked:
        cells += _contract_cells(connection, contract)
        for column in contract.columns:
            if column.type == "text":
                findings += _scan_comments(connection, contract, column.name, file)
    return findings + _scan(connection, cells, contract, file)


def _unknown_cells(raw: Raw, unknown: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every value of the columns that no reader knows, and names that may be values themselves."""
    cells = []
    for name in unknown:
        shown = shown_name(raw, name)
        column = raw.columns[name]
        cells.append(
            (shown, f"select rowid + 1 as row_number, {column} as value from {raw.relation}")
        )
        if shown != name:
            quoted = name.replace("'", "''")
            cells.append((shown, f"select null as row_number, '{quoted}' as value"))
    return cells


def _contract_cells(connection: DuckDBPyConnection, contract: Contract) -> list[tuple[str, str]]:
    """Every value of a free code, and all values of the rows that break the contract."""
    table = contract.table
    any_odd = connection.execute(f"select count(*) from breach_{table}").fetchall()[0][0]
    odd = f"semi join breach_{table} using (row_number)"
    cells = []
    for column in contract.columns:
        name = column.name
        select = f"select row_number, {name} as value from text_{table}"
        if column.type == "text":
            continue
        if column.pattern:
            cells.append((name, select))
        elif any_odd and column.type in ("int", "amount"):
            number = identifiers.plain_number_sql(name)
            cells.append((name, f"{select} {odd} where not {number}"))
        elif any_odd:
            cells.append((name, f"{select} {odd}"))
    return cells


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
    connection: DuckDBPyConnection, cells: list[tuple[str, str]], contract: Contract, file: str
) -> list[Finding]:
    """Hold each distinct value of ``cells`` (shown name, its query) against the cell rules."""
    if not cells:
        return []
    rules = identifiers.CELL_RULES
    values = " union all ".join(
        f"select {i} as place, * from ({q})" for i, (_, q) in enumerate(cells)
    )
    hits = ", ".join(f"{identifiers.value_sql(rule, 'value')} as {rule}" for rule in rules)
    sums = ", ".join(f"sum(often) filter ({rule}), min(first) filter ({rule})" for rule in rules)
    found = connection.execute(
        f"""
        with delivered as ({values}),
        distinct_values as (
            select place, value, count(*) as often, min(row_number) as first
            from delivered
            where value is not null
            group by all
        ),
        held as (select place, often, first, {hits} from distinct_values)
        select place, {sums} from held group by place order by place
        """
    ).fetchall()
    return [
        Finding(
            2,
            rule,
            _REMEDY.format(rule=rule),
            file,
            contract.table,
            cells[place][0],
            first,
            int(count),
        )
        for place, *measured in found
        for rule, count, first in zip(rules, measured[::2], measured[1::2], strict=True)
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
