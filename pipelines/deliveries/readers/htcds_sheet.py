"""The sheet of an HTCDS delivery: what its first rows mean, and what must not be in it.

Rule guarded: the standard's fields for a person's identity arrive empty, and no case comes without
consent; otherwise the delivery is refused and its content is not kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import openpyxl
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.findings import Finding, Refused, refusal
from pipelines.deliveries.readers.base import Raw, code_pairs
from pipelines.deliveries.readers.form_exports import Answers, delimiter_of, plain

#: The standard's fields, and whether they identify; one more is the template's misspelling.
_FIELDS = dict(code_pairs(Path(__file__).with_name("htcds_fields.csv")))
IDENTITY = tuple(name for name, identity in _FIELDS.items() if identity == "yes")
_KNOWN = {plain(name): name for name in _FIELDS}
#: The template's one column with a label and no field name.
_NAMED_BY_LABEL = {"Reason for Outgoing Referral": "cas_ReasonForOutgoingReferral"}


def standard_field(header: str) -> str | None:
    """The standard's name of a column, however it is spelt and grouped; None for other columns.

    A column of a ticked choice (``vic_TypeOfExploitation/Other``) goes by its question.
    """
    return next((_KNOWN[part] for part in map(plain, header.split("/")) if part in _KNOWN), None)


def load_sheet(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw | None:
    """The cases as text in ``relation``; None where no column is one of the standard's.

    Refused (step 1) when the file can't be read, (step 2) when it holds what it must not.
    """
    names, rows = _header(list(_cells(file, path)))
    if not any(standard_field(name) for name in names.values()):
        return None
    columns = [
        pa.array([(row[place] if place < len(row) else "") or None for row in rows], pa.string())
        for place in names
    ]
    sheet = pa.Table.from_arrays(columns, names=[f"c{i}" for i in range(len(names))])
    connection.register("htcds_sheet", sheet)
    connection.execute(f"create or replace table {relation} as select * from htcds_sheet")
    connection.unregister("htcds_sheet")
    raw = Raw(relation, {name: f"c{i}" for i, name in enumerate(names.values())})
    _refuse_identity(connection, raw, path)
    return raw


def _refuse_identity(connection: DuckDBPyConnection, raw: Raw, path: str) -> None:
    answers = Answers(raw)
    fields = {name: answers.one(name) for name in IDENTITY}
    refused = f"lower({answers.one('con_Consent')}) in ('false', 'no', '0')"
    checks = [
        (name, f"{cell} is not null", "identity_field", "the standard's identity fields stay empty")
        for name, cell in fields.items()
    ] + [("con_Consent", refused, "no_consent", "the person did not consent; leave the case out")]
    measures = ", ".join(
        f"count(*) filter (where {breach}), min(rowid + 1) filter (where {breach})"
        for _, breach, _, _ in checks
    )
    found = connection.execute(f"select {measures} from {raw.relation}").fetchall()[0]
    findings = [
        Finding(
            step=2, rule=rule, file=path, table="", field=name, row=first, count=count, message=why
        )
        for (name, _, rule, why), count, first in zip(checks, found[::2], found[1::2], strict=True)
        if count
    ]
    if findings:
        raise Refused(findings)


def _cells(file: Path, path: str) -> Iterator[list[str]]:
    """Rows of text, blank ones left out."""
    try:
        if file.suffix.lower() == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as text:
                yield from (
                    row for row in csv.reader(text, delimiter=delimiter_of(file)) if any(row)
                )
            return
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for values in book.worksheets[0].iter_rows(values_only=True):
            row = ["" if value is None else str(value).strip() for value in values]
            if any(row):
                yield row
        book.close()
    except Exception as error:  # a damaged file fails in many ways, all of them ours to name
        kind = type(error).__name__
        raise refusal(1, "unreadable_file", f"not a readable sheet ({kind})", path) from None


def _header(rows: list[list[str]]) -> tuple[dict[int, str], list[list[str]]]:
    """Place → name, and the data rows.

    IOM's spreadsheet has field names in row 1, labels in row 2 and a running number, without a
    name, in column A. A column with a label alone goes by the label.
    """
    first, second = rows[0] if rows else [], rows[1] if len(rows) > 1 else []
    labels = second if "gender" in map(plain, second) else []
    names = {
        place: name.strip() or _NAMED_BY_LABEL.get(label.strip(), label.strip())
        for place, (name, label) in enumerate(zip_longest(first, labels, fillvalue=""))
        if name.strip() or label.strip()
    }
    data = rows[2:] if labels else rows[1:]
    return names, [row for row in data if any(row[place] for place in names if place < len(row))]
