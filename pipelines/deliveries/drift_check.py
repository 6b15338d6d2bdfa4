"""Drift and lateness over what has landed, written into the register as findings.

Rule guarded: neither stops or sets aside a delivery. A finding travels with it and becomes a caveat
of the figures that rest on it. Lateness is the months from the end of the period to the month in
which it was sent, both as the manifest says: no clock is read. A correction is never late: its
period was known before.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.deliveries.drift import ColumnDrift
from pipelines.deliveries.drift_landed import LandedFrames, compare_delivery
from pipelines.deliveries.drift_together import compare_together
from pipelines.deliveries.findings import DRIFT, DRIFT_OF_ALL, EXPECTED_WITHIN, LATE, Finding
from pipelines.deliveries.register import Record, Register, kept_findings
from pipelines.locking import writer_lock
from pipelines.paths import Home
from pipelines.periods import Period, month_number

_RULES = (DRIFT, DRIFT_OF_ALL, LATE)


@dataclass(frozen=True)
class DriftSummary:
    """How much was compared (deliveries, columns of a table), and what moved or came late."""

    deliveries: int
    columns: int
    drifted: tuple[ColumnDrift, ...]
    late: tuple[str, ...]


def check_drift(home: Home) -> DriftSummary:
    """Compare each current delivery, and each source's together, with the earlier ones.

    What moved or came late is kept as findings. What was compared with the same earlier ones before
    is not compared again. Busy when another process writes.
    """
    with writer_lock(home, "check for drift"):
        register = Register(home)
        frames = LandedFrames(home)
        current = sorted(register.current(), key=lambda record: record.place or ())
        compared, drifted, late = 0, [], []
        found: dict[str, list[Finding]] = {}
        for record in current:
            verdicts = compare_delivery(home, register, record.delivery_id, frames)
            compared += sum(verdict.value is not None for verdict in verdicts)
            moved = [verdict for verdict in verdicts if verdict.drifted]
            drifted += moved
            found[record.delivery_id] = [*(_moved(one, DRIFT) for one in moved), *_late(record)]
            if any(finding.rule == LATE for finding in found[record.delivery_id]):
                late.append(record.delivery_id)
        for side, verdicts in compare_together(home, current, frames):
            moved = [verdict for verdict in verdicts if verdict.drifted]
            drifted += moved
            for record in side.records:
                found[record.delivery_id] += [_moved(one, DRIFT_OF_ALL) for one in moved]
        for record in current:
            judged = _with_findings(record, found[record.delivery_id])
            if judged != record:
                register.write(judged)
    return DriftSummary(len(current), compared, tuple(drifted), tuple(late))


def lateness(record: Record) -> int:
    """Months from the end of a delivery's period to the month in which it was sent."""
    said = record.manifest or {}
    return month_number(said["sent_month"]) - Period.parse(said["period"]).last


def _with_findings(record: Record, findings: list[Finding]) -> Record:
    others = [finding for finding in record.findings if finding.rule not in _RULES]
    return record.model_copy(update={"findings": [*others, *kept_findings(findings)]})


def _moved(verdict: ColumnDrift, rule: str) -> Finding:
    whose = "the provider's" if rule == DRIFT else "all providers' taken together,"
    return Finding(
        step=4,
        rule=rule,
        table=verdict.table,
        field=verdict.column,
        message=(
            f"{verdict.column} moved by {verdict.value:.3f} ({verdict.statistic} distance, "
            f"threshold {verdict.threshold:.3f}) from {whose} earlier periods. Ask what changed: "
            "a rule, practice, a form, or the export"
        ),
    )


def _late(record: Record) -> list[Finding]:
    months = lateness(record)
    if months <= EXPECTED_WITHIN or record.supersedes is not None:
        return []
    message = f"sent {months} months after its period ended; {EXPECTED_WITHIN} are expected"
    return [Finding(step=4, rule=LATE, message=message, field="sent_month")]
