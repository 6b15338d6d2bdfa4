"""What was found plausible or not: expectations, drift, and the corrections we made ourselves.

Rule: results are read as the checks left them, and nothing is computed again. Where a check has not
run yet, the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.engineers.parts import Column, Item, Page, Section, Table, short
from pipelines.deliveries import Record
from pipelines.paths import Home


@dataclass(frozen=True)
class Findings:
    """What the checks left in a home: suites' results, drift verdicts, declared corrections.

    ``reports`` are the drift library's own pages, of the tables in which a column drifted.
    """

    suites: Sequence[Mapping[str, Any]]
    drift: Sequence[Mapping[str, Any]]
    corrections: Sequence[Mapping[str, Any]]
    reports: Sequence[Path] = ()

    @property
    def failures(self) -> list[Mapping[str, Any]]:
        """Failed expectations with their table, critical ones first."""
        found = [{**one, "table": suite["table"]} for suite in self.suites
                 for one in suite["failures"]]  # fmt: skip
        return sorted(found, key=lambda f: (f["severity"], f["table"], f["measure"]))

    @property
    def drifted(self) -> list[Mapping[str, Any]]:
        """Columns that moved, the farthest beyond their threshold first."""
        moved = [one for one in self.drift if one["drifted"]]
        return sorted(
            moved,
            key=lambda d: (d["threshold"] - d["value"], d["table"], d["column"], d["delivery_id"]),
        )


def read_findings(home: Home, corrections: Sequence[Mapping[str, Any]]) -> Findings:
    """Read ``data_docs/results.json`` and ``drift/*/verdicts.json``, where present."""
    results = home.expectation_results
    suites = json.loads(results.read_text(encoding="utf-8")) if results.exists() else []
    drift = [
        {"delivery_id": path.parent.name, **verdict}
        for path in sorted(home.drift.glob("*/verdicts.json"))
        for verdict in json.loads(path.read_text(encoding="utf-8"))["columns"]
    ]
    return Findings(suites, drift, corrections, sorted(home.drift.glob("*/*.html")))


def download_name(report: Path) -> str:
    """The name under which a report of the drift library lies beside the pages."""
    return f"{report.parent.name.replace(' ', '-')}-{report.name}"


def checks_page(home: Home, found: Findings, records: Mapping[str, Record]) -> Page:
    """Expectations, drift and corrections."""
    return Page(
        "checks.html",
        "Checks",
        "Whether deliveries are plausible as a whole, whether they look like the provider's "
        "earlier ones, and what we correct by hand.",
        (
            Section(
                "Expectations",
                "One suite a table, held against the profile of each current delivery. The "
                f"library's own pages are in {home.data_docs} on this machine.",
                "The expectations have not run yet.",
                _suites(found),
            ),
            Section(
                "Failed expectations",
                "A critical failure sets the delivery aside; a warning travels with it.",
                "No delivery fails an expectation.",
                _failures(found, records),
            ),
            Section(
                "Drift",
                "Columns that moved away from the last four periods of the provider, or of all "
                "providers of the source together (provider all), the farthest beyond their "
                f"threshold first. {_compared(found)}",
                "No column has drifted." if found.drift else "Drift has not been computed yet.",
                _drift(found, records),
            ),
            Section(
                "The drift library's own pages",
                "One for each part of a table in which a column drifted, about 4 MB each. They "
                "need scripts and are not accessible; the table above says the same.",
                "No column has drifted.",
                items=tuple(
                    Item(_report_name(report, records), download_name(report), download=True)
                    for report in found.reports
                ),
            ),
            Section(
                "Corrections",
                "Declared in the home's corrections folder. A guard that says anything but applies "
                "or closed needs a look: the correction is not in effect.",
                "No correction is declared.",
                _corrections(found),
            ),
        ),
    )


def _period(records: Mapping[str, Record], judged: str) -> str:
    """The period of a delivery, or of what is judged together (``ZZ service_provider 2024Q4``)."""
    record = records.get(judged)
    return str((record.manifest or {}).get("period", "")) if record else judged.rpartition(" ")[2]


def _report_name(report: Path, records: Mapping[str, Record]) -> str:
    judged = report.parent.name
    whose = short(judged) if judged in records else judged.rpartition(" ")[0]
    return f"{whose}, {_period(records, judged)}: {report.stem.replace('.', ', by ')}"


def _suites(found: Findings) -> Table:
    return Table(
        "Suites by table",
        (
            Column("Table"),
            Column("Expectations", "number"),
            Column("Deliveries", "number"),
            Column("Failures", "number"),
            Column("Set aside", "number"),
        ),
        [
            (
                suite["table"],
                suite["expectations"],
                suite["deliveries"],
                len(suite["failures"]),
                len({f["delivery_id"] for f in suite["failures"] if f["severity"] == "critical"}),
            )
            for suite in found.suites
        ],
    )


def _failures(found: Findings, records: Mapping[str, Record]) -> Table:
    return Table(
        "Failed expectations, critical ones first",
        (
            Column("Delivery", "code"),
            Column("Period"),
            Column("Severity"),
            Column("Table"),
            Column("Measure"),
            Column("Observed", "number"),
            Column("What it probably means"),
        ),
        [
            (
                short(one["delivery_id"]),
                _period(records, one["delivery_id"]),
                one["severity"],
                one["table"],
                one["measure"],
                one["observed"],
                one["reason"],
            )
            for one in found.failures
        ],
    )


def _compared(found: Findings) -> str:
    if not found.drift:
        return ""
    compared = sum(one["value"] is not None for one in found.drift)
    return (
        f"{compared} columns of deliveries were compared; {len(found.drift) - compared} could not "
        "be, for want of earlier periods or rows."
    )


def _drift(found: Findings, records: Mapping[str, Record]) -> Table:
    return Table(
        "Columns that drifted",
        (
            Column("Delivery", "code"),
            Column("Provider", "code"),
            Column("Period"),
            Column("Table"),
            Column("Column"),
            Column("Distance", "number"),
            Column("Threshold", "number"),
            Column("Rows", "number"),
            Column("Rows before", "number"),
        ),
        [
            (
                short(one["delivery_id"]),
                short(one["provider_key"]),
                _period(records, one["delivery_id"]),
                one["table"],
                one["column"],
                one["value"],
                one["threshold"],
                one["rows"],
                one["reference_rows"],
            )
            for one in found.drifted
        ],
    )


def _corrections(found: Findings) -> Table:
    return Table(
        "Declared corrections",
        (
            Column("Correction"),
            Column("Status"),
            Column("Guard"),
            Column("Values", "number"),
            Column("Field"),
            Column("From"),
            Column("To"),
            Column("Since", "date"),
            Column("Who"),
            Column("Reason"),
        ),
        [
            (
                one["correction"],
                one["status"].replace("_", " "),
                one["guard"].replace("_", " "),
                one["values"],
                one["field"],
                one["from"] or "no value",
                one["to"] or "no value",
                one["date"],
                one["who"],
                one["reason"],
            )
            for one in found.corrections
        ],
    )
