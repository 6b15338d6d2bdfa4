"""indicators.parquet: the same table as indicators.csv, typed.

The rule: one writer with fixed settings, DuckDB's ordered COPY, so that the same table gives the
same bytes whatever the number of threads.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import KEY


def write_parquet(figures: pa.Table, path: Path) -> None:
    """Write the table sorted by key."""
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        connection.execute(
            f"""
            copy (select * from figures order by {", ".join(KEY)})
            to '{target}' (format parquet, compression zstd, row_group_size 100000)
            """
        )
