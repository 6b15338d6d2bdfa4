"""Lists for people: deliveries, what is in quarantine, vintages; plain rows, no delivered value."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.deliveries.corrections import apply_corrections
from pipelines.deliveries.register import Record, Register, RegisterError
from pipelines.deliveries.vintages import vintages
from pipelines.paths import Home
from pipelines.periods import month_text


def describe_deliveries(home: Home) -> list[dict[str, Any]]:
    """One row a delivery, accepted ones by number, then refused ones by id.

    ``reason`` is the first finding of one that was refused or set aside, else empty.
    """
    records = sorted(
        Register(home).records.values(), key=lambda r: (r.number is None, r.number, r.delivery_id)
    )
    return [_row(record) for record in records]


def _row(record: Record) -> dict[str, Any]:
    said = record.manifest or {}
    failed = [f for f in record.findings if record.step is not None and f.step == record.step]
    return {
        "number": record.number,
        "delivery_id": record.delivery_id,
        "status": record.status,
        "superseded_by": record.superseded_by,
        **{
            name: said.get(name)
            for name in ("country", "source", "provider_key", "period", "format", "synthetic")
        },
        "files": len(record.files),
        "rows_read": sum(file.rows_read for file in record.files),
        "rows_landed": sum(file.rows_landed for file in record.files),
        "rows_quarantined": sum(file.rows_quarantined for file in record.files),
        "rows_erased": sum(file.rows_erased for file in record.files),
        "comments_dropped": record.comments_dropped,
        "step": record.step,
        "reason": failed[0].message if failed else "",
    }


def describe_quarantine(home: Home, delivery_id: str | None = None) -> list[dict[str, Any]]:
    """One row a delivery, table, column and rule: how many rows, the first of them, what to mend.

    ``delivery_id`` may be the beginning of an id; RegisterError when it fits none.
    """
    records = [
        record
        for record in Register(home).records.values()
        if record.delivery_id.startswith(delivery_id or "")
    ]
    if delivery_id and not records:
        raise RegisterError(f"{home.register}: no delivery {delivery_id}")
    return [
        {
            "delivery_id": record.delivery_id,
            "file": finding.file,
            "table": finding.table,
            "field": finding.field,
            "rule": finding.rule,
            "rows": finding.count,
            "first_row": finding.row,
            "message": finding.message,
        }
        for record in sorted(records, key=lambda r: r.delivery_id)
        for finding in record.findings
        if finding.step == 3 and finding.row is not None
    ]


def describe_corrections(home: Home) -> list[dict[str, Any]]:
    """One row a declared correction, by name: what it changes, why, and what its guard says."""
    declared = apply_corrections(home, Register(home).current()).declared
    return [
        {
            "correction": one.name,
            "status": one.correction.status,
            "guard": one.guard,
            "values": one.rows,
            "provider_key": one.correction.provider_key,
            "delivery": one.correction.delivery or one.correction.period,
            "field": f"{one.correction.table}.{one.correction.field}",
            "from": one.correction.value_from,
            "to": one.correction.value_to,
            "reason": one.correction.reason,
            "date": one.correction.date.isoformat(),
            "who": one.correction.who,
        }
        for one in declared
    ]


def describe_vintages(home: Home) -> list[dict[str, Any]]:
    """One row a vintage, by running number, with the last month that its deliveries cover.

    ``can_be_rebuilt`` is no where a person was erased since: it can still be verified.
    """
    register = Register(home)
    return [
        {
            "number": v.number,
            "hash": v.hash,
            "deliveries": len(v.deliveries),
            "last_month": "" if v.last_month is None else month_text(v.last_month),
            "can_be_rebuilt": "yes" if v.rebuildable(register) else "no, a person was erased",
        }
        for v in vintages(home)
    ]


def count_deliveries(home: Home) -> dict[str, dict[str, int]]:
    """Deliveries by what became of them, files likewise, rows read, landed, quarantined, erased.

    Superseded deliveries count as what they were when they came. The files of a refused delivery
    are those that its manifest lists; its rows, where it could be read at all, are in quarantine.
    """
    records = Register(home).records.values()
    deliveries, files, rows = Counter[str](), Counter[str](), Counter[str]()
    for record in records:
        deliveries[record.status] += 1
        listed = len((record.manifest or {}).get("files", []))
        files["refused" if record.status == "refused" else "accepted"] += listed
        for file in record.files:
            rows["read"] += file.rows_read
            rows["landed"] += file.rows_landed
            rows["quarantined"] += file.rows_quarantined
            rows["erased"] += file.rows_erased
    return {"deliveries": dict(deliveries), "files": dict(files), "rows": dict(rows)}


def landed_rows(home: Home) -> dict[str, int]:
    """Rows landed a table, of the deliveries that no correction supersedes."""
    rows = Counter[str]()
    for record in Register(home).current():
        for file in record.files:
            rows[file.table] += file.rows_landed
    return dict(rows)
