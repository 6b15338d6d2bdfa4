"""The contract's types as SQL: which text has the form of a type, and what value it stands for.

Rule guarded: a value is typed once, here. Text without the form of its type has no value; an empty
code is ``unknown``; a column that its row's type of event does not use is nothing at all.
"""

from __future__ import annotations

from pipelines.deliveries.contract import UNKNOWN, Column, Contract

_KEY = "[0-9a-f]{32}"
_MONTH = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])"
_WAVE = "(19|20)[0-9]{2}Q[1-4]"
_INT = "-?[0-9]{1,15}"
_AMOUNT = r"-?[0-9]{1,15}(\.[0-9]{1,2})?"


def quoted(values: tuple[str, ...] | list[str]) -> str:
    """Values as an SQL list."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def conforms(contract: Contract, column: Column) -> str:
    """True SQL where the delivered text ``raw_<name>`` has the form of its type."""
    raw = f"raw_{column.name}"
    codes = contract.codes(column)
    if column.type == "multi" and codes:
        several = "|".join(codes[:-1])
        return (
            f"({raw} = '{UNKNOWN}' or (regexp_full_match({raw}, '({several})(;({several}))*') and "
            f"(not contains({raw}, ';') or "
            f"len(list_distinct(string_split({raw}, ';'))) = len(string_split({raw}, ';')))))"
        )
    if codes:
        return f"{raw} in ({quoted(codes)})"
    if column.pattern:
        return f"regexp_full_match({raw}, '{column.pattern}')"
    pattern = {
        "key": _KEY,
        "month": _MONTH,
        "wave": _WAVE,
        "int": _INT,
        "amount": _AMOUNT,
        "currency": "[A-Z]{3}",
    }.get(column.type)
    return (
        f"regexp_full_match({raw}, '{pattern}')"
        if pattern
        else f"length({raw}) <= {column.max_length}"
    )


def typed(contract: Contract, column: Column) -> str:
    """The typed value: null where the text does not conform; ``unknown`` where a code is empty."""
    raw = f"raw_{column.name}"
    value = f"{raw}::{column.sql_type}" if column.sql_type != "varchar" else raw
    conforming = f"case when {conforms(contract, column)} then {value} end"
    if not column.coded or column.required:
        return conforming
    kind = f"raw_{contract.variants.column}" if contract.variants else ""
    empty = where_empty(contract, column, kind)
    return f"case when {raw} is null then {empty} else {conforming} end"


def where_empty(contract: Contract, column: Column, kind: str) -> str:
    """What an empty value means: ``unknown`` for a code that the row's ``kind`` uses, else null.

    ``kind`` is the SQL of the column that decides (event_type), where the contract has one.
    """
    if not column.coded or column.required:
        return "null"
    if contract.variants and column.name in contract.variants.governs:
        users = quoted(contract.variants.using(column.name))
        return f"case when {kind} in ({users}) then '{UNKNOWN}' end"
    return f"'{UNKNOWN}'"
