"""KoboToolbox and ODK exports of the survivor survey → survey_responses.

One row is one submission. The form names its questions as the contract names its columns, so only
answers that were refused are mapped: ``prefer_not_to_say`` is empty on a scale and unknown
elsewhere. The survey body may add a ``disposition`` column and rows for people who did not answer;
where it doesn't, a submission without consent is a refusal, one with at least 80 % of its items
answered or explicitly left is complete, and any other is partial (AAPOR Standard Definitions).
"""

from __future__ import annotations

import re
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import Column, Contract
from pipelines.deliveries.readers import files
from pipelines.deliveries.readers.base import Raw, Translation
from pipelines.deliveries.readers.canonical import READER as canonical
from pipelines.deliveries.readers.form_exports import (
    Answers,
    delimiter_of,
    why_dropped,
    with_versions,
)

SKIPPED = "prefer_not_to_say"
COMPLETE_SHARE = 0.8
_FORM_PARTS = re.compile(r"(.*[/-])?(consent|introduction|thanks|\w+_note)")


class KoboReader:
    """``survey_responses`` as exported; other tables come in the canonical format beside it."""

    name = "kobo"

    def load(self, connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
        """Load a CSV with either separator, or a workbook."""
        mark = delimiter_of(file) if file.suffix.lower() == ".csv" else ","
        raw = files.load(connection, file, path, relation, mark)
        return with_versions(connection, raw)

    def translate(self, raw: Raw, contract: Contract, provider_key: str) -> Translation:
        """Questions to columns of the same name."""
        if contract.table != "survey_responses":
            return canonical.translate(raw, contract, provider_key)
        answers = Answers(raw)
        columns = {column.name: _answer(answers, column) for column in contract.columns}
        given = {column.name: answers.one(column.name) for column in contract.columns}
        columns["provider_key"] = f"'{provider_key}'"
        columns["disposition"] = _disposition(contract, given, answers.one("consent"))
        selected = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
        others = [name for name in raw.columns if name not in answers.used]
        dropped = {
            name: why
            for name in others
            if (why := why_dropped(name, raw) or _why_not_an_answer(name))
        }
        return Translation(
            sql=f"select rowid + 1 as row_number, {selected} from {raw.relation}",
            dropped=dropped,
            unknown=tuple(name for name in others if name not in dropped),
            width=raw.width(answers.used),
            missing=tuple(
                column.name
                for column in contract.columns
                if column.required and given[column.name] == "null::varchar"
                and column.name not in ("provider_key", "disposition")
            ),
        )  # fmt: skip


def _why_not_an_answer(name: str) -> str | None:
    return "consent or a note of the form" if _FORM_PARTS.fullmatch(name) else None


def _answer(answers: Answers, column: Column) -> str:
    """An answer as the contract takes it: not said is empty, which a coded column reads unknown."""
    return f"nullif({answers.one(column.name)}, '{SKIPPED}')"


def _disposition(contract: Contract, given: dict[str, str], consent: str) -> str:
    items = [given[column.name] for column in contract.columns if column.item]
    touched = " + ".join(f"({item} is not null)::int" for item in items)
    return (
        f"coalesce({given['disposition']}, case when {consent} = 'no' then 'refusal' "
        f"when {touched} >= {COMPLETE_SHARE} * {len(items)} then 'complete' "
        f"when {touched} > 0 then 'partial' end)"
    )


READER = KoboReader()
