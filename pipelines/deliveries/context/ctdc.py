"""CTDC datasets (k-anonymised and synthetic), counted by year and country. Cite CTDC.

Rules guarded: missing is ``-99``, ``00`` or blank in one dataset, and blank in the other, whose
indicators are 1 or missing and never 0; so the denominator of a share is made of the records that
have at least one 1 in the indicator's group (codebook 2024, section 6). Ages are written ``9--17``
and ``09--17``: the same band. The records describe no country's survivors: they are counted, not
kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.context.tidy import Context, ContextError, load_text, tidy

_MISSING = "('-99', '00', '')"
#: Group → regular expression of its indicators' column names, in any release of either dataset.
GROUPS: Mapping[str, str] = {
    "means_of_control": r"means(?!OfControlConcatenated).*|control_.*",
    "exploitation": r"is(ForcedLabour|SexualExploit|OtherExploit)",
    "labour": r"typeOfLabour(?!Concatenated).*",
    "sexual": r"typeOfSex(?!Concatenated).*",
    "recruiter": r"recruiterRelation.*",
    "perpetrator_role": r"IP_(Exploiter|RecruiterBroker|TransactionProcess|ControlAbuseKidnap)",
}
_YEAR = ("yearOfRegistration", "yearRegister", "registration_year")
_COUNTRY = ("CountryOfExploitation", "country_of_exploitation", "UN_COE_Region")
_SEX = ("gender",)
_AGE = ("ageBroad", "age_range")


@dataclass(frozen=True)
class Share:
    """One indicator among the records that say something about its group."""

    group: str
    indicator: str
    numerator: int
    denominator: int


def groups_of(columns: Sequence[str]) -> dict[str, list[str]]:
    """The indicator columns of each group that a file has."""
    found = {
        group: [column for column in columns if re.fullmatch(pattern, column)]
        for group, pattern in GROUPS.items()
    }
    return {group: members for group, members in found.items() if members}


def shares(connection: DuckDBPyConnection, file: Path) -> list[Share]:
    """Each indicator's count and its group's denominator, in the file's order."""
    groups = groups_of(_load(connection, file))
    measures = [
        measure
        for members in groups.values()
        for column in members
        for measure in (
            f"count(*) filter ({_is_one(column)})",
            f"count(*) filter ({_any(members)})",
        )
    ]
    found = connection.execute(f"select {', '.join(measures)} from ctdc").fetchall()[0]
    names = [(group, column) for group, members in groups.items() for column in members]
    return [
        Share(group, column, int(numerator), int(denominator))
        for (group, column), numerator, denominator in zip(
            names, found[::2], found[1::2], strict=True
        )
    ]


def read(connection: DuckDBPyConnection, file: Path, source: str) -> Context:
    """Counts by country, year, sex and age: each indicator, and each group's ``<group>:known``.

    ``source`` names the dataset, e.g. ``ctdc_k_anonymised``. One detail a group; groups overlap.
    """
    columns = _load(connection, file)
    dimensions = {
        "area": _first(columns, _COUNTRY),
        "period": _first(columns, _YEAR),
        "sex": f"lower({_first(columns, _SEX)})",
        "age": f"regexp_replace(replace({_first(columns, _AGE)}, '--', '-'), '^0([1-9])', '\\1')",
    }
    selected = ", ".join(
        f"coalesce({expression}, 'unknown') as {name}" for name, expression in dimensions.items()
    )
    measured = [("records", "true")]
    for group, members in groups_of(columns).items():
        measured.append((f"{group}:known", _any(members)))
        measured += [(f"{group}:{column}", _is_one(column)) for column in members]
    selects = [
        f"select '{source}' as source, {selected}, '{variable}' as variable, "
        "count(*) as value_low, count(*) as value_high, 'records' as unit "
        f"from ctdc where {condition} group by all"
        for variable, condition in measured
    ]
    return tidy(connection, " union all ".join(selects))


def _load(connection: DuckDBPyConnection, file: Path) -> list[str]:
    """``ctdc``: every column with each missing code as null."""
    columns = load_text(connection, file, "ctdc_raw", ())
    if not groups_of(columns):
        raise ContextError(f"{file}: no indicator that this reader knows; see GROUPS")
    nulled = ", ".join(
        f'case when trim("{column}") not in {_MISSING} then trim("{column}") end as "{column}"'
        for column in columns
    )
    connection.execute(f"create or replace temp table ctdc as select {nulled} from ctdc_raw")
    return columns


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    return next((f'"{name}"' for name in names if name in columns), "null::varchar")


def _is_one(column: str) -> str:
    return f"coalesce(\"{column}\" in ('1', '1.0'), false)"


def _any(columns: Sequence[str]) -> str:
    return f"({' or '.join(map(_is_one, columns))})"
