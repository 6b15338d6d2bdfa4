"""Step 4 of the gate over what has landed: implausible deliveries are set aside, and only they.

Rule guarded: an accepted delivery is never edited. Its record says whether indicators may rest on
it; a correction, or a better expectation, gives it back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

import duckdb

from pipelines.deliveries.expectations import Failure, TableResult, check_deliveries
from pipelines.deliveries.landing import show_landed
from pipelines.deliveries.register import Record, Register, kept_findings
from pipelines.deliveries.storage import write_json
from pipelines.locking import writer_lock
from pipelines.participation import ledger
from pipelines.paths import Home


def check_plausibility(home: Home) -> list[TableResult]:
    """Run every suite over the current deliveries and write what it found into the register.

    One result a table. A delivery with a critical failure is aside, any other is accepted; the
    ledger hears of each change. The Data Docs pages and results.json are renewed. Busy when another
    process writes.
    """
    with writer_lock(home, "check deliveries"):
        register = Register(home)
        current = register.current()
        with duckdb.connect() as connection:
            show_landed(connection, home, [record.delivery_id for record in current])
            results = check_deliveries(connection, home.data_docs)
        write_json(home.expectation_results, [asdict(result) for result in results])
        failures = defaultdict(list)
        for result in results:
            for failure in result.failures:
                failures[failure.delivery_id].append(failure)
        for record in current:
            judged = _judged(record, failures[record.delivery_id])
            if judged != record:
                register.write(judged)
            if judged.status != record.status:
                ledger.append(home.ledger, "plausibility", _entry(judged))
    return results


def _judged(record: Record, failures: list[Failure]) -> Record:
    aside = any(failure.critical for failure in failures)
    earlier = [finding for finding in record.findings if finding.step < 4]
    others = [
        finding
        for finding in record.findings
        if finding.step > 4 or (finding.step == 4 and not finding.rule.endswith("_expectation"))
    ]
    found = kept_findings(failure.finding() for failure in failures)
    return record.model_copy(
        update={
            "status": "aside" if aside else "accepted",
            "step": 4 if aside else None,
            "findings": [*earlier, *found, *others],
        }
    )


def _entry(record: Record) -> dict[str, object]:
    measures = sorted(f.field for f in record.findings if f.rule == "critical_expectation")
    return {"delivery_id": record.delivery_id, "status": record.status, "measures": measures}
