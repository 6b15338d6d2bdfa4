"""The contract as set-based SQL: one pass for what a row says alone, one query for keys, one for
references.

Rule guarded: a row that breaks the contract is named with every rule it breaks, and nothing of it
lands. Checks are compiled from the YAML; no rule of a table is written here.

Relations, by table: ``text_<t>`` (row_number, contract columns as varchar), ``typed_<t>``
(row_number, typed columns, ``broken``), ``breach_<t>`` (row_number, check_number).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import UNKNOWN, Column, Contract
from pipelines.deliveries.forms import quoted, typed
from pipelines.periods import Period, month_text

_FORM = {
    "key": ("key_format", "not a key of 32 lower-case hexadecimal digits"),
    "month": ("month_format", "not a month; write YYYY-MM"),
    "wave": ("wave_format", "not a quarter; write for example 2024Q4"),
    "int": ("number_format", "not a whole number"),
    "amount": ("amount_format", "not a number with at most two decimals"),
    "currency": ("currency_format", "not an ISO 4217 code"),
    "text": ("too_long", "longer than the contract allows"),
}


@dataclass(frozen=True)
class Check:
    """One way a row can break the contract; ``breach`` is true SQL for rows that do.

    ``breach`` speaks of typed columns by name and of delivered text as ``raw_<name>``.
    """

    rule: str
    field: str
    message: str
    breach: str = "false"


def row_checks(contract: Contract, period: Period, provider_key: str) -> list[Check]:
    """Every check of a row by itself, in the contract's order."""
    checks = [c for column in contract.columns for c in _column_checks(contract, column, period)]
    checks.append(
        Check(
            "foreign_provider",
            "provider_key",
            "not the provider_key of delivery.json; a delivery holds one provider's rows",
            f"provider_key <> '{provider_key}'",
        )
    )
    checks += [Check(r.id, "", r.message, f"not ({contract.rule_sql(r)})") for r in contract.rules]
    return checks + _variant_checks(contract)


def _column_checks(contract: Contract, column: Column, period: Period) -> list[Check]:
    name = column.name
    raw = f"raw_{name}"
    if codes := contract.codes(column):
        form = ("unknown_code", f"not a code of the contract: {', '.join(codes)}")
    elif column.pattern:
        form = ("unknown_code", f"not of the form {column.pattern}")
    else:
        form = _FORM[column.type]
    checks = [Check(*_placed(form, name), f"{raw} is not null and {name} is null")]
    if column.required:
        checks.append(Check("required", name, "empty, but required", f"{raw} is null"))
    if column.min is not None:
        message = f"outside {column.min} to {column.max}"
        breach = f"{name} not between {column.min} and {column.max}"
        checks.append(Check("range", name, message, breach))
    first, last = _bounds(column, period)
    if last:
        message = "later than the end of the delivery's period"
        checks.append(Check("future_month", name, message, f"{name} > {last}"))
    if first and column.period == "within":
        message = "earlier than the beginning of the delivery's period"
        checks.append(Check("before_period", name, message, f"{name} < {first}"))
    return checks


def _placed(form: tuple[str, str], name: str) -> tuple[str, str, str]:
    return form[0], name, form[1]


def _bounds(column: Column, period: Period) -> tuple[str | None, str | None]:
    """The first and last value of the period, as SQL literals in the column's spelling."""
    if column.type == "month":
        return f"'{month_text(period.first)}'", f"'{month_text(period.last)}'"
    if column.type == "wave":
        # the quarters that lie wholly in the period; their text sorts as their time does
        first, last = -(-period.first // 3), (period.last + 1) // 3 - 1
        return f"'{first // 4}Q{first % 4 + 1}'", f"'{last // 4}Q{last % 4 + 1}'"
    if column.name == "year":
        return str(period.first // 12), str(period.last // 12)
    return None, None


def _variant_checks(contract: Contract) -> list[Check]:
    variants = contract.variants
    if variants is None:
        return []
    kind = variants.column
    checks = []
    for name in variants.governs:
        using = variants.using(name)
        message = f"given, but this {kind} does not use it"
        breach = f"raw_{name} is not null and {kind} not in ({quoted(using)})"
        checks.append(Check("not_used", name, message, breach))
        needing = [t for t, variant in variants.types.items() if name in variant.needs]
        if needing:
            breach = f"raw_{name} is null and {kind} in ({quoted(needing)})"
            checks.append(Check("needed", name, f"empty, but this {kind} needs it", breach))
        pairs = [
            f"({kind} = '{t}' and {name} not in ({quoted([*codes, UNKNOWN])}))"
            for t, variant in variants.types.items()
            if (codes := variant.uses.get(name)) and codes != "any"
        ]
        if pairs:
            message = f"not a code that this {kind} may have"
            checks.append(Check("unknown_code", name, message, " or ".join(pairs)))
    return checks


@dataclass
class Checked:
    """What the checks found in one table; the breaches themselves are in ``breach_<table>``."""

    contract: Contract
    rows: int
    checks: list[Check] = field(default_factory=list)


def check_rows(
    connection: DuckDBPyConnection, contract: Contract, period: Period, provider_key: str
) -> Checked:
    """Build ``typed_<t>`` and ``breach_<t>`` from ``text_<t>``: form, codes, ranges, rules."""
    table = contract.table
    checks = row_checks(contract, period, provider_key)
    raws = ", ".join(f"{c.name} as raw_{c.name}" for c in contract.columns)
    types = ", ".join(f"{typed(contract, c)} as {c.name}" for c in contract.columns)
    names = ", ".join(c.name for c in contract.columns)
    any_breach = " or ".join(f"coalesce({check.breach}, false)" for check in checks)
    cases = ", ".join(f"case when {check.breach} then {i} end" for i, check in enumerate(checks))

    def sources(where: str = "") -> str:
        return (
            f"with source as (select row_number, {raws} from text_{table} {where}), "
            f"typed as (select *, {types} from source)"
        )

    connection.execute(
        f"create or replace table typed_{table} as {sources()} "
        f"select row_number, {names}, {any_breach} as broken from typed"
    )
    rows, broken = connection.execute(
        f"select count(*), count(*) filter (broken) from typed_{table}"
    ).fetchall()[0]
    connection.execute(
        f"create or replace table breach_{table} (row_number bigint, check_number integer)"
    )
    if broken:
        only = f"where row_number in (select row_number from typed_{table} where broken)"
        connection.execute(
            f"insert into breach_{table} {sources(only)} select row_number, unnest(list_filter(["
            f"{cases}], lambda number: number is not null)) from typed"
        )
    return Checked(contract, rows, checks)


def check_widths(
    connection: DuckDBPyConnection, checked: Checked, relation: str, width: int
) -> None:
    """Add breaches for rows of an uneven file that end before field number ``width``."""
    checked.checks.append(
        Check("short_row", "", "the row ends before its last columns: it was cut")
    )
    connection.execute(
        f"insert into breach_{checked.contract.table} "
        f"select rowid + 1, {len(checked.checks) - 1} from {relation} where fields < {width} "
        f"and rowid + 1 in (select row_number from typed_{checked.contract.table})"
    )


def check_keys(connection: DuckDBPyConnection, checked: Checked) -> None:
    """Add breaches for rows that share a key.

    Where the rows are alike in every column the first stays; where they differ all of them are
    breaches, because nobody can tell which one is right.
    """
    contract = checked.contract
    table = contract.table
    key = ", ".join(contract.key)
    columns = ", ".join(c.name for c in contract.columns)
    checked.checks.append(
        Check("duplicate_key", key, "another row of the delivery has the same key; send one")
    )
    whole = " and ".join(f"{name} is not null" for name in contract.key)
    connection.execute(
        f"""
        insert into breach_{table}
        with repeated as (
            select {key} from typed_{table} where {whole} group by all having count(*) > 1
        ),
        rivals as (
            select
                row_number,
                row_number() over (partition by {key} order by row_number) as place,
                count(distinct hash({columns})) over (partition by {key}) as versions
            from typed_{table} semi join repeated using ({key})
        )
        select row_number, {len(checked.checks) - 1} from rivals where versions > 1 or place > 1
        """
    )


def check_references(connection: DuckDBPyConnection, checked: Checked) -> None:
    """Add breaches for rows whose referenced row is missing, or is itself in quarantine.

    The referenced table must have been checked before.
    """
    contract = checked.contract
    for reference in contract.references:
        columns = ", ".join(reference.columns)
        named = reference.columns[-1]
        checked.checks.append(
            Check(
                "orphan",
                named,
                f"not among the delivery's accepted {reference.table}: missing there, or its row "
                "went to quarantine",
            )
        )
        connection.execute(
            f"""
            insert into breach_{contract.table}
            select row_number, {len(checked.checks) - 1}
            from typed_{contract.table}
            anti join (
                select {columns} from typed_{reference.table}
                anti join breach_{reference.table} using (row_number)
            ) using ({columns})
            where {named} is not null
            """
        )
