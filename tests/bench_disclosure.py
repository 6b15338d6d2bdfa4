"""``make bench-disclosure``: seconds, gap and growth of suppression and audit, by kind of table.

The rule: every table is audited after it was suppressed, and a narrow interval ends the bench. Runs
one case after the other on one thread; names of cases choose some of them. The generator is that of
the reference test. ``growth`` is the exponent b of seconds ~ cells^b over the square tables.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from math import log
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from pipelines.disclosure.earlier import Edition, read_edition
from pipelines.disclosure.linked_tables import Table
from pipelines.disclosure.protection import protect
from pipelines.disclosure.report import audit_folder
from pipelines.disclosure.solver import suppress_secondary
from pipelines.paths import CHECKOUT
from pipelines.release.manifest import MANIFEST, file_entry
from tests import candidate_kit
from tests.reference.test_suppression_benchmark import audited, benchmark

OUT = CHECKOUT / "var" / "bench-disclosure.json"
EARLIER = 16
"""Vintages before the candidate of the case ``country``."""


def square(size: int) -> Table:
    """A table of ``size`` by ``size`` with its margins."""
    return benchmark((size, size), 2)


def hierarchy() -> Table:
    """Ten regions of ten districts, by twenty."""
    districts = [f"r{region}d{district}" for region in range(10) for district in range(10)]
    regions = {name: name.split("d")[0] for name in districts}
    return benchmark((100, 20), 1, [districts, [str(i) for i in range(20)]], [regions, {}])


def of_table(table: Table, work: float = 3e6) -> dict[str, Any]:
    """Suppress and audit one table."""
    result = suppress_secondary(table, work=work)
    audit = audited(result.table)
    assert not audit.narrow
    return {
        "cells": len(table),
        "protected": len(audit.intervals),
        "suppressed": int(result.table.hidden.sum()),
        "method": result.method,
        "gap": round(result.gap, 4),
        "smallest_interval": audit.smallest,
        "suppress_seconds": round(result.seconds, 2),
        "audit_seconds": round(audit.seconds, 2),
    }


def of_many() -> dict[str, Any]:
    """Audit ten thousand protected cells at once."""
    audit = audited(suppress_secondary(square(100), work=3e6).table, copies=32)
    assert not audit.narrow
    return {"protected": len(audit.intervals), "audit_seconds": round(audit.seconds, 2)}


def of_country(earlier: int = EARLIER) -> dict[str, Any]:
    """Suppress and audit the made-up country's candidate beside ``earlier`` releases."""
    editions: list[Edition] = []
    with tempfile.TemporaryDirectory() as place:
        for late in range(earlier + 1):
            rows = candidate_kit.rows(late=late)
            folder = candidate_kit.candidate(
                Path(place) / str(late), table=rows, earlier=editions, aside=False
            )
            if late < earlier:
                editions.append(read_edition(folder, file_entry(folder / MANIFEST)["sha256"]))
        threshold = candidate_kit.COUNTRY.threshold
        began = perf_counter()
        protected = protect(rows, candidate_kit.registry(), threshold, editions=editions)
        suppressed = perf_counter()
        finding = audit_folder(folder, threshold, [one.folder for one in editions], counted=rows)
        audited = perf_counter()
    assert finding.passed, f"{finding.exposed} counts and {finding.exposed_changes} changes"
    published = finding.published
    return {
        "rows": published.rows,
        "earlier_releases": finding.earlier,
        "information_kept": round(published.shown / published.rows, 4),
        "repeated": protected.suppression.held,
        "protected": finding.audited,
        "suppress_seconds": round(suppressed - began, 2),
        "audit_seconds": round(audited - suppressed, 2),
    }


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "30x30": lambda: of_table(square(30)),
    "50x50": lambda: of_table(square(50)),
    "100x100": lambda: of_table(square(100)),
    "12x8x6": lambda: of_table(benchmark((12, 8, 6), 2), work=6e5),
    "hierarchy_x_20": lambda: of_table(hierarchy()),
    "ten_thousand_audited": of_many,
    "country": of_country,
}


def growth(found: dict[str, dict[str, Any]]) -> float | None:
    """The exponent of seconds over cells, least squares on logarithms; None below two squares."""
    squares = [found[name] for name in ("30x30", "50x50", "100x100") if name in found]
    if len(squares) < 2:
        return None
    cells = [log(one["cells"]) for one in squares]
    seconds = [log(max(one["suppress_seconds"] + one["audit_seconds"], 0.01)) for one in squares]
    return round(float(np.polyfit(cells, seconds, 1)[0]), 2)


def main(names: list[str]) -> None:
    """Run the cases of these names, all without names, and write what was found."""
    found: dict[str, dict[str, Any]] = {}
    for name in names or CASES:
        found[name] = CASES[name]()
        sys.stderr.write(f"{name}: {json.dumps(found[name])}\n")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"cases": found, "growth": growth(found)}, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
