"""``make bench``: what each stage takes, and how that grows with the number of people.

Rule guarded: a figure is measured on the code that runs in production, each stage in a process of
its own, so that its peak memory is its own. The yardstick of the warehouse is a query over the same
landed events in the same run: a ratio to it says more of the code and less of the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from pipelines.console import err, print_rows
from pipelines.dbt_command import run_dbt
from pipelines.deliveries import attach_landing, current_vintage, ingest, start_building
from pipelines.deliveries.storage import write_json
from pipelines.lineage import write_lineage
from pipelines.paths import CHECKOUT, Home
from pipelines.release.candidates import build_candidates
from pipelines.release.lock import code_hash
from pipelines.synthetic import Scenario, synthesize

QUARTERS = 16
LAST_QUARTER = "2024Q4"
REFERENCE = (
    "select event_type, channel, outcome, count(*), sum(amount), count(distinct person_key) "
    "from landing.case_events group by all"
)

Figures = dict[str, Any]


def bench(sizes: Sequence[int], work: Path) -> Figures:
    """Measure every size in a folder of its own below ``work``.

    Cut short and run again, it goes on after the last stage that was measured with the same code;
    deliveries are generated once, whatever the code.
    """
    measured = {str(people): _measure(people, work / str(people)) for people in sorted(sizes)}
    return {"machine": _machine(), "people": measured, "growth": _growth(measured)}


def _measure(people: int, folder: Path) -> Figures:
    """The whole path without one delivery of about 1 % of the rows, then that delivery's way."""
    err.print(f"{people:,} people")
    home = Home.find(folder / "home")
    made = _once(folder / "generated.json", "generate", _generate, people, folder)
    code = code_hash()
    if not (folder / code).exists():
        shutil.rmtree(home.root, ignore_errors=True)
    deliveries = sorted((folder / "deliveries").iterdir())
    late = _one_percent(deliveries)
    full = _path(folder / code, "full", home, [path for path in deliveries if path != late])
    reference = _once(folder / code / "reference.json", "reference query", _reference, home)
    models = full["warehouse"]["model_seconds"]
    stages = {"generate": made, **full}
    new = _path(folder / code, "new", home, [late])
    share = sum(one["seconds"] for one in new.values()) / sum(
        one["seconds"] for one in full.values()
    )
    return {
        "stages": stages,
        "reference": reference,
        "warehouse_ratio": round(models / reference["seconds"], 2),
        "peak_memory_gb": max(one["peak_memory_gb"] for one in stages.values()),
        "new_delivery": {
            "stages": new,
            "rows_share": round(new["land"]["rows"] / full["land"]["rows"], 4),
            "seconds_share": round(share, 3),
        },
    }


def _path(records: Path, name: str, home: Home, deliveries: list[Path]) -> Figures:
    """Landing, warehouse and candidate of what a home then holds."""
    return {
        stage: _once(records / f"{name} {stage}.json", f"{name} {stage}", function, *arguments)
        for stage, function, arguments in (
            ("land", _land, (home, deliveries)),
            ("warehouse", _build_warehouse, (home,)),
            ("candidate", _build_candidate, (home,)),
        )
    }


def _once(record: Path, name: str, stage: Callable[..., Figures], *arguments: object) -> Figures:
    """A stage's figures: those on record, else measured now."""
    if not record.exists():
        record.parent.mkdir(parents=True, exist_ok=True)
        write_json(record, _alone(stage, *arguments))
    figures: Figures = json.loads(record.read_text(encoding="utf-8"))
    err.print(f"  {name}: {figures['seconds']} s")
    return figures


def _one_percent(deliveries: list[Path]) -> Path:
    """The delivery of the last quarter whose bytes are nearest to a hundredth of all."""
    sizes = {path: _bytes(path) for path in deliveries}
    aim = sum(sizes.values()) / 100
    last = [path for path in deliveries if LAST_QUARTER in path.name]
    return min(last, key=lambda path: abs(sizes[path] - aim))


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _alone(stage: Callable[..., Figures], *arguments: object) -> Figures:
    """Run a stage in a new process; its figures with seconds, rows a second and peak memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_timed, stage, arguments).result()


def _timed(stage: Callable[..., Figures], arguments: tuple[object, ...]) -> Figures:
    began, cpu = time.perf_counter(), _cpu_seconds()
    figures = stage(*arguments)
    seconds = figures.pop("seconds", time.perf_counter() - began)
    measured = {"seconds": round(seconds, 2), "cpu_seconds": round(_cpu_seconds() - cpu, 2)}
    if "rows" in figures:
        measured["rows_per_second"] = round(figures["rows"] / seconds)
    return {**measured, "peak_memory_gb": round(_peak_kilobytes() / 1024**2, 2), **figures}


def _peak_kilobytes() -> int:
    """Of this process (whose ru_maxrss began as its parent's), or of the largest it started."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    own = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in _PROCESSES]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _generate(people: int, folder: Path) -> Figures:
    synthesize(folder, people, QUARTERS, 1, scenario=Scenario(defects=False))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {"rows": sum(truth["run"]["rows"].values())}


def _land(home: Home, deliveries: list[Path]) -> Figures:
    outcomes = ingest(home, deliveries)
    files = [file for outcome in outcomes for file in outcome.record.files]
    return {"rows": sum(file.rows_landed for file in files), "deliveries": len(outcomes)}


def _reference(home: Home) -> Figures:
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as connection:
        connection.execute("set enable_progress_bar = false")
        attach_landing(connection, home, current_vintage(home).hash)
        began = time.perf_counter()
        connection.execute(REFERENCE).fetchall()
        seconds = time.perf_counter() - began
        events = connection.execute("select count(*) from landing.case_events").fetchall()[0][0]
    return {"seconds": seconds, "rows": events}


def _build_warehouse(home: Home) -> Figures:
    """The models alone, as in production; ``model_seconds`` leaves out what dbt needs to start."""
    begun = start_building(home, current_vintage(home).hash, code_hash())
    target = home.root.parent / "dbt"
    run_dbt("run", warehouse=home.warehouse_building, target=target, threads=os.cpu_count() or 1)
    if not begun.updates:
        with duckdb.connect(str(home.warehouse_building)) as connection:
            write_lineage(connection, json.loads((target / "manifest.json").read_text("utf-8")))
    home.warehouse_building.replace(home.warehouse)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    spans = [
        (datetime.fromisoformat(step["started_at"]), datetime.fromisoformat(step["completed_at"]))
        for result in results
        for step in result["timing"]
        if step["name"] == "execute"
    ]
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:8]
    return {
        "begun": begun.words,
        "model_seconds": round(_covered(spans), 2),
        "slowest_models": {
            result["unique_id"].rpartition(".")[2]: round(result["execution_time"], 2)
            for result in slowest
        },
    }


def _covered(spans: list[tuple[datetime, datetime]]) -> float:
    """Seconds in which at least one of some spans, which may overlap, was under way."""
    seconds, reached = 0.0, min(start for start, _ in spans)
    for start, end in sorted(spans):
        seconds += max(0.0, (end - max(start, reached)).total_seconds())
        reached = max(reached, end)
    return seconds


def _build_candidate(home: Home) -> Figures:
    built = build_candidates(home, LAST_QUARTER)
    return {"rows": sum(one.rows for one in built)}


def _growth(measured: Figures) -> Figures:
    """Between neighbouring sizes, the exponent e of seconds ~ people^e, by stage."""
    return {
        f"{small} to {large}": {
            stage: round(
                math.log(figures["seconds"] / measured[small]["stages"][stage]["seconds"])
                / math.log(int(large) / int(small)),
                2,
            )
            for stage, figures in measured[large]["stages"].items()
        }
        for small, large in pairwise(measured)
    }


def _machine() -> Figures:
    """What a reader needs to judge the seconds: cores, memory, and who else was at work."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 1024**3, 1),
        "load_average_15_minutes": round(os.getloadavg()[2], 1),
        "python": sys.version.split()[0],
        "duckdb": duckdb.__version__,
    }


def table(figures: Figures) -> list[Figures]:
    """One row a size and stage, for the terminal."""
    rows = []
    for people, measured in figures["people"].items():
        ratio = measured["warehouse_ratio"]
        stages = {**measured["stages"], "reference query": measured["reference"]}
        rows += [
            {
                "people": int(people),
                "stage": stage,
                **{
                    name: one.get(name)
                    for name in ("seconds", "cpu_seconds", "rows_per_second", "peak_memory_gb")
                },
                "ratio": ratio if stage == "warehouse" else None,
            }
            for stage, one in stages.items()
        ]
        new = measured["new_delivery"]
        rows.append(
            {
                **dict.fromkeys(rows[-1]),
                "people": int(people),
                "stage": f"a delivery of {new['rows_share']:.1%} more",
                "seconds": round(sum(one["seconds"] for one in new["stages"].values()), 2),
                "ratio": new["seconds_share"],
            }
        )
    return rows


def main() -> None:
    """Parse, measure, write the JSON and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("people", nargs="*", type=int, default=[20_000, 200_000, 2_000_000])
    parser.add_argument("--work", type=Path, default=CHECKOUT / "var" / "bench")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "var" / "bench.json")
    asked = parser.parse_args()
    figures = bench(asked.people, asked.work)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print_rows(table(figures))
    err.print(f"written to {asked.out}")


if __name__ == "__main__":
    main()
