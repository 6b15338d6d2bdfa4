"""The table model: what one row of indicator results holds before anything is hidden.

The rule: every indicator model emits exactly these columns, and a row is known by its key.
Counts and sums are decimals, so that they add up exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.errors import Foreseen

KEY = (
    "indicator_id",
    "country",
    "period",
    "cohort",
    "measure",
    "horizon_months",
    "breakdown",
    "category",
)
"""Together they name one row."""

ROW_SCHEMA = pa.schema(
    [
        ("indicator_id", pa.string()),
        ("country", pa.string()),
        ("period", pa.string()),
        ("cohort", pa.string()),
        ("measure", pa.string()),
        ("horizon_months", pa.int32()),
        ("breakdown", pa.string()),
        ("category", pa.string()),
        ("numerator", pa.decimal128(20, 2)),
        ("denominator", pa.decimal128(20, 2)),
        ("unknown", pa.decimal128(20, 2)),
        ("units", pa.int64()),
        ("at_risk", pa.int64()),
        ("known_share", pa.float64()),
        ("estimate", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("std_error", pa.float64()),
        ("unit", pa.string()),
        ("method", pa.string()),
        ("flag", pa.string()),
    ]
)
"""``units`` are the persons, claims or inspections behind the denominator; ``at_risk`` the risk set
at the horizon (AJ only); ``flag`` is '', x, u or z, or c where one contributor dominates a sum."""


PART = """
    coalesce(nullif(regexp_replace(measure, '_?unknown_(low|high)$', ''), ''), 'value')
""".strip()
"""SQL: the measure that a row belongs to; a bound belongs to the measure that it bounds."""

BOUND = "regexp_extract(measure, '_?unknown_(low|high)$', 1)"
"""SQL: which bound a row is of the measure that it belongs to; empty for the value itself."""


CELL_ID = f"""
    dense_rank() over (
        order by
            indicator_id,
            country,
            period,
            cohort,
            horizon_months,
            breakdown,
            category,
            {PART}
    )
""".strip()
"""SQL: the number of a row's cell, a measure together with its bounds, in order of key from 1."""


@dataclass(frozen=True)
class Reach:
    """How counts are rounded: to multiples of ``base``, each within ``reach`` of its count."""

    base: int
    reach: int


class RowsError(Foreseen, ValueError):
    """A result table that is not of the contracted shape; the message names column or key."""


def check_rows(rows: pa.Table) -> pa.Table:
    """The rows with the contracted columns in order and type; RowsError when that can't be."""
    missing = [name for name in ROW_SCHEMA.names if name not in rows.column_names]
    if missing:
        raise RowsError(
            f"indicator rows lack {', '.join(missing)}: every ind_ model emits the contracted "
            "columns"
        )
    try:
        rows = rows.select(ROW_SCHEMA.names).cast(ROW_SCHEMA)
    except pa.ArrowInvalid as error:
        raise RowsError(f"indicator rows are not of the contracted types: {error}") from None
    key = ", ".join(KEY)
    with duckdb.connect() as connection:
        twice = connection.sql(
            f"select {key} from rows group by all having count(*) > 1 order by all limit 1"
        ).fetchall()
    if twice:
        raise RowsError(f"two indicator rows have the same key {twice[0]}: a key names one row")
    return rows
