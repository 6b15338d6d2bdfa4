"""What came: every delivery, how late it was, what was refused and what is in quarantine.

Rule: read from the register alone, which holds findings and counts and never a delivered value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from dashboards.engineers.parts import Column, Page, Section, Table, short
from pipelines.deliveries import Record
from pipelines.periods import Period, month_number


def lateness(record: Record) -> int | None:
    """Months from the end of a delivery's period to the month in which it was sent.

    None where its manifest could not be read.
    """
    said = record.manifest
    if said is None:
        return None
    return month_number(said["sent_month"]) - Period.parse(said["period"]).last


def arrivals_page(records: Sequence[Record]) -> Page:
    """Deliveries, lateness and refusals."""
    return Page(
        "deliveries.html",
        "Deliveries",
        "Every delivery that came, what became of it and how long it took to be sent.",
        (
            Section(
                "All deliveries",
                "Late is the number of months from the end of the period to the month of sending. "
                "Rows read are those landed, in quarantine and erased together.",
                "No delivery has come yet.",
                _deliveries(records),
            ),
            Section(
                "Lateness by provider",
                "First deliveries of a period only: a correction is always late.",
                "No delivery has been accepted yet.",
                _late_providers(records),
            ),
            Section(
                "Refusals",
                "A refused delivery left no row behind. The first reason is shown; the register "
                "has all of them.",
                "Nothing was refused.",
                _refusals(records),
            ),
        ),
    )


def quarantine_page(records: Sequence[Record]) -> Page:
    """Rows that broke the contract, by the rule they broke."""
    return Page(
        "quarantine.html",
        "Quarantine",
        "Rows that broke the contract, as findings: what was broken, how often, what to do.",
        (
            Section(
                "By rule",
                "A row that breaks two rules counts under both. For one delivery, ask "
                "observatory quarantine ID.",
                "No row is in quarantine.",
                _rules(records),
            ),
        ),
    )


def _state(record: Record) -> str:
    if record.status == "refused":
        return f"refused at step {record.step}"
    state = "set aside" if record.status == "aside" else "accepted"
    return f"{state}, superseded" if record.superseded_by else state


def _said(record: Record, name: str) -> str:
    return str((record.manifest or {}).get(name) or "")


def _deliveries(records: Iterable[Record]) -> Table:
    newest_first = sorted(records, key=lambda r: (-(r.number or 0), r.delivery_id))
    return Table(
        "Deliveries, the newest accepted first",
        (
            Column("Delivery", "code"),
            Column("State"),
            Column("Period"),
            Column("Source"),
            Column("Country"),
            Column("Provider", "code"),
            Column("Sent", "date"),
            Column("Late (months)", "number"),
            Column("Rows read", "number"),
            Column("Landed", "number"),
            Column("Quarantine", "number"),
            Column("Erased", "number"),
        ),
        [
            (
                short(record.delivery_id),
                _state(record),
                _said(record, "period"),
                _said(record, "source").replace("_", " "),
                _said(record, "country"),
                short(_said(record, "provider_key")),
                _said(record, "sent_month"),
                lateness(record),
                sum(file.rows_read for file in record.files),
                sum(file.rows_landed for file in record.files),
                sum(file.rows_quarantined for file in record.files),
                sum(file.rows_erased for file in record.files),
            )
            for record in newest_first
        ],
    )


def _late_providers(records: Iterable[Record]) -> Table:
    first = [record for record in records if record.counts and record.supersedes is None]
    by_provider = defaultdict(list)
    for record in first:
        by_provider[_said(record, "provider_key"), _said(record, "source")].append(record)
    rows: list[tuple[str, str, int, float, int, str]] = []
    for (provider, source), sent in by_provider.items():
        late = [months for record in sent if (months := lateness(record)) is not None]
        last = max(sent, key=lambda record: Period.parse(_said(record, "period")).last)
        rows.append(
            (
                short(provider),
                source.replace("_", " "),
                len(sent),
                float(median(late)),
                max(late),
                _said(last, "period"),
            )
        )
    rows.sort(key=lambda row: (-row[3], -row[4], row[0], row[1]))
    return Table(
        "Months between the end of a period and sending, the slowest providers first",
        (
            Column("Provider", "code"),
            Column("Source"),
            Column("Deliveries", "number"),
            Column("Median", "number"),
            Column("Longest", "number"),
            Column("Last period"),
        ),
        rows,
    )


def _refusals(records: Iterable[Record]) -> Table:
    refused = [record for record in records if record.status == "refused"]
    rows = []
    for record in sorted(refused, key=lambda r: (r.step or 0, r.delivery_id)):
        first = next(finding for finding in record.findings if finding.step == record.step)
        place = " ".join(part for part in (first.file, first.field) if part)
        rows.append(
            (
                short(record.delivery_id),
                short(_said(record, "provider_key")),
                _said(record, "period"),
                record.step,
                first.rule.replace("_", " "),
                place,
                len(record.findings),
                first.message,
            )
        )
    return Table(
        "Refused deliveries by the gate's step",
        (
            Column("Delivery", "code"),
            Column("Provider", "code"),
            Column("Period"),
            Column("Step", "number"),
            Column("Rule"),
            Column("Where"),
            Column("Findings", "number"),
            Column("Reason"),
        ),
        rows,
    )


def _rules(records: Iterable[Record]) -> Table:
    rows: dict[tuple[str, str, str, str], int] = defaultdict(int)
    where: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for record in records:
        for finding in record.findings:
            if finding.step == 3 and finding.row is not None:
                broken = (finding.rule, finding.table, finding.field, finding.message)
                rows[broken] += finding.count
                where[broken].add(record.delivery_id)
    most_first = sorted(rows, key=lambda broken: (-rows[broken], broken))
    return Table(
        "Broken rules, the most frequent first",
        (
            Column("Rule"),
            Column("Table"),
            Column("Field"),
            Column("Rows", "number"),
            Column("Deliveries", "number"),
            Column("What is wrong"),
        ),
        [
            (rule.replace("_", " "), table, field, rows[broken], len(where[broken]), message)
            for broken in most_first
            for rule, table, field, message in [broken]
        ],
    )
