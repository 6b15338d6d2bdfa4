"""``make bench-methods``: Aalen–Johansen as the models compute it, beside a peer and a plain count.

Rule guarded: both sides of a ratio are measured in one run on the same rows, each the best of
several tries, so a ratio says something of the code on a busy machine too. The SQL is the one that
dbt compiles from the macro of the models.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from comprisk import CumulativeIncidence

from pipelines.console import err, print_rows
from pipelines.dbt_command import run_dbt
from pipelines.paths import CHECKOUT

ROWS, MANY_ROWS, STRATA = 1_000_000, 10_000_000, 200
HORIZONS = {"months": (12, 24, 36), "days": (365, 730, 1095)}
"""Horizons of members whose clock has months, and of the same people in days: more ties apart."""
FASTER_THAN_PEER, OF_PLAIN_COUNT = 5.0, 6.0
TRIES = 15
_CALL = """
{{% set measures = [
    {{'measure': 'value', 'axis': 'seen', 'events': ['event'], 'competing': ['other']}},
] %}}
{{{{ clock_end('duration', 'cause', 'lost', measures) }}}}
;
{{{{ method_aj('members', {{'horizons': {horizons}}}, measures) }}}}
"""
# The plainest count of the same people that keeps apart what an incidence needs.
PLAIN = "select country, duration, cause, count(*) from members group by all"


def compiled(horizons: tuple[int, ...]) -> tuple[str, str]:
    """How a member's end is coded, and the macro's SQL over a relation ``members``."""
    with tempfile.TemporaryDirectory() as folder:
        template = ["--inline", _CALL.format(horizons=list(horizons)), "--output", "json"]
        place = Path(folder)
        warehouse = place / "none.duckdb"
        printed = run_dbt("compile", *template, warehouse=warehouse, target=place).stdout
    coded, query = str(json.loads(printed)["compiled"]).split(";")
    return coded.strip(), query


def fill(
    connection: duckdb.DuckDBPyConnection, coded: str, rows: int, strata: int, clock: str
) -> None:
    """Tables ``members``, ends coded as the peer's are, and ``core.dim_period``; always the same.

    Half of the members meet the event or a competitor, at rates that leave some to the last
    horizon; the others are censored evenly.
    """
    last = HORIZONS[clock][-1]
    connection.execute("create schema if not exists core")
    connection.execute(
        "create or replace table core.dim_period as select 'S' || stratum as country, "
        "'2000' as period, 'year' as kind, 24000 as first_month, 24011 as last_month, "
        f"1 as dimensions, 999999 as cutoff_month from range({strata}) as s (stratum)"
    )
    connection.execute(
        f"create or replace table members as select *, {coded} as seen_end from (select "
        f"'S' || cast(hash(n) % {strata} as varchar) as country, 24000 as origin_month, "
        "-1 as entry, "
        f"cast(hash(n, 1) % {last * 3 // 2} as integer) as duration, "
        "case hash(n, 2) % 10 when 0 then 'event' when 1 then 'event' when 2 then 'event' "
        "when 3 then 'other' when 4 then 'other' else '' end as cause, "
        f"false as lost from range({rows}) as t (n)) as ended"
    )
    connection.execute("checkpoint")


def bench(rows: int = ROWS, many: int = MANY_ROWS, tries: int = TRIES) -> dict[str, Any]:
    """Seconds and ratios; ``rows`` and ``many`` against the peer, ``many`` against a plain count.

    The tables lie in a file, as the warehouse does.
    """
    made = {clock: compiled(horizons) for clock, horizons in HORIZONS.items()}
    coded = made["months"][0]
    queries = {clock: query for clock, (_, query) in made.items()}
    figures: dict[str, Any] = {"rows": rows, "many_rows": many, "strata": STRATA}
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect(f"{folder}/members.duckdb") as connection,
    ):
        figures["nothing"] = _nothing(connection, coded, queries["months"], tries)
        for clock, query in queries.items():
            figures[clock] = _beside_peer(connection, coded, query, rows, clock, tries)
        figures["many"] = _beside_peer(connection, coded, queries["months"], many, "months", 2)
        fill(connection, coded, many, STRATA, "months")
        figures["stratified"] = {
            "seconds": best(lambda: run(connection, queries["months"]), tries),
            "plain_seconds": best(lambda: run(connection, PLAIN), tries),
        }
    one = figures["stratified"]
    one["times_plain"] = one["seconds"] / one["plain_seconds"]
    return figures


def _nothing(connection: duckdb.DuckDBPyConnection, coded: str, query: str, tries: int) -> float:
    """Seconds of the query over hardly anybody: what planning it takes, whatever the rows."""
    fill(connection, coded, 100, 1, "months")
    return best(lambda: run(connection, query), tries)


def _beside_peer(
    connection: duckdb.DuckDBPyConnection, coded: str, query: str, rows: int, clock: str, tries: int
) -> dict[str, float]:
    """One stratum of so many members, here and in comprisk."""
    fill(connection, coded, rows, 1, clock)
    given = connection.sql(
        "select duration + 1 as time, "
        "case cause when 'event' then 1 when 'other' then 2 else 0 end as code from members"
    ).fetchnumpy()
    times, codes = np.asarray(given["time"]), np.asarray(given["code"])
    peers: list[Any] = []
    seconds = best(lambda: run(connection, query), tries)
    ours = connection.table("figures").to_arrow_table().to_pylist()
    peer_seconds = best(lambda: peers.append(CumulativeIncidence().fit(times, codes)), tries)
    return {
        "seconds": seconds,
        "peer_seconds": peer_seconds,
        "times_faster": peer_seconds / seconds,
        "largest_difference": difference(ours, peers[0], HORIZONS[clock]),
    }


def run(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Make a query's rows the table ``figures``, as the models make theirs."""
    connection.execute(f"create or replace temp table figures as {query}")


def best(work: Callable[[], object], tries: int) -> float:
    """The fewest seconds that a piece of work took."""
    seconds = []
    for _ in range(tries):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def difference(ours: list[dict[str, Any]], peer: Any, horizons: tuple[int, ...]) -> float:
    """Both compute the same thing: the largest difference of an incidence at a horizon."""
    curve = peer.curves_[None, 1]
    estimates = {row["horizon_months"]: row["estimate"] for row in ours}
    return max(
        float(abs(estimates[h] - curve.cif[np.searchsorted(curve.times, h + 1, side="right") - 1]))
        for h in horizons
    )


def shortcomings(figures: dict[str, Any]) -> list[str]:
    """What is slower than it should be."""
    found = [
        f"{clock}: {figures[clock]['times_faster']:.1f} times as fast as the peer, "
        f"not {FASTER_THAN_PEER:g}"
        for clock in HORIZONS
        if figures[clock]["times_faster"] < FASTER_THAN_PEER
    ]
    if figures["stratified"]["times_plain"] > OF_PLAIN_COUNT:
        found.append(
            f"stratified: {figures['stratified']['times_plain']:.1f} plain counts, "
            f"not {OF_PLAIN_COUNT:g}"
        )
    return found


def table(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a measurement, for the terminal."""
    sizes = {**dict.fromkeys(HORIZONS, figures["rows"]), "many": figures["many_rows"]}
    rows = [
        {
            "figure": f"{size:,} members, clock in {'months' if name == 'many' else name}",
            "seconds": round(figures[name]["seconds"], 3),
            "beside": "comprisk",
            "its seconds": round(figures[name]["peer_seconds"], 3),
            "ratio": round(figures[name]["times_faster"], 1),
        }
        for name, size in sizes.items()
    ]
    stratified = {
        "figure": f"{figures['many_rows']:,} members, {figures['strata']} strata",
        "seconds": round(figures["stratified"]["seconds"], 3),
        "beside": "a plain group by",
        "its seconds": round(figures["stratified"]["plain_seconds"], 3),
        "ratio": round(figures["stratified"]["times_plain"], 1),
    }
    nothing = {
        **dict.fromkeys(stratified),
        "figure": "100 members: planning",
        "seconds": round(figures["nothing"], 3),
    }
    return [*rows, stratified, nothing]


def main() -> int:
    """Measure, write the JSON, print the table; 1 where a ratio is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--many", type=int, default=MANY_ROWS)
    parser.add_argument("--out", type=Path, default=CHECKOUT / "var" / "bench-methods.json")
    asked = parser.parse_args()
    figures = bench(asked.rows, asked.many)
    figures["machine"] = {
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "duckdb": duckdb.__version__,
    }
    figures["falls_short"] = shortcomings(figures)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print_rows(table(figures))
    for sentence in figures["falls_short"]:
        err.print(sentence)
    err.print(f"written to {asked.out}")
    return 1 if figures["falls_short"] else 0


if __name__ == "__main__":
    sys.exit(main())
