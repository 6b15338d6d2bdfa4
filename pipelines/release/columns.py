"""The columns of indicators.csv: the one table every other format, page and check reads.

The rule: names, order, types and meaning are stated here and nowhere else; the writers, the data
package and the reader all derive from this list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CLEAR_COLUMNS = ("numerator", "denominator", "known_share", "estimate", "ci_low", "ci_high")
"""The numeric columns; a mark blanks all of them."""


@dataclass(frozen=True)
class Column:
    """One column: its type in the data package and in DuckDB, and what it means."""

    name: str
    kind: Literal["string", "integer", "number"]
    sql_type: str
    meaning: str
    codes: tuple[str, ...] = ()


COLUMNS = (
    Column("indicator_id", "string", "varchar", "The indicator; methodology/registry.json says it"),
    Column("country", "string", "varchar", "ISO 3166-1 alpha-2 code"),
    Column("period", "string", "varchar", "Quarter 2024Q4, year 2024 or pooled years 2022-2024"),
    Column(
        "cohort",
        "string",
        "varchar",
        "Entry cohort of followed people (2021, 2019-2021); empty where nobody is followed",
    ),
    Column("measure", "string", "varchar", "value, or a part or bound that the registry names"),
    Column("horizon_months", "integer", "integer", "Months of follow-up; empty where none"),
    Column("breakdown", "string", "varchar", "total, a dimension, or two joined by *"),
    Column(
        "category",
        "string",
        "varchar",
        "Category of the breakdown, of two joined by *; empty for total",
    ),
    Column("numerator", "number", "decimal(20,2)", "Count, or sum of money for a ratio of sums"),
    Column("denominator", "number", "decimal(20,2)", "Count, or sum of money, of known values"),
    Column("known_share", "number", "decimal(18,2)", "Share of the population that is known, 0-1"),
    Column("estimate", "number", "decimal(18,2)", "The estimate in the unit of the row"),
    Column("ci_low", "number", "decimal(18,2)", "Lower end of the 95 % interval"),
    Column("ci_high", "number", "decimal(18,2)", "Upper end of the 95 % interval"),
    Column("unit", "string", "varchar", "share, months, per_100_workers, a currency …"),
    Column("method", "string", "varchar", "How it was estimated", ("P", "AJ", "S", "R", "W", "D")),
    Column(
        "mark",
        "string",
        "varchar",
        "Why a row is blank: c confidential, x not available, u unreliable, h withheld at the "
        "council's request, z not applicable; empty where the figures are shown",
        ("", "c", "x", "u", "h", "z"),
    ),
    Column("obs_status", "string", "varchar", "SDMX CL_OBS_STATUS code", ("A", "Q", "O", "U", "M")),
    Column("conf_status", "string", "varchar", "SDMX CL_CONF_STATUS code", ("F", "C", "N")),
    Column(
        "council_verdict",
        "string",
        "varchar",
        "What the survivor council said of the indicator",
        ("endorsed", "endorsed_with_note", "objected", "withheld", "not_reviewed", "pending"),
    ),
    Column("caveats", "string", "varchar", "Caveat ids joined by ; (texts: the registry snapshot)"),
)

SDMX_STATUS = {
    "": ("A", "F"),
    "c": ("Q", "C"),
    "x": ("O", "F"),
    "u": ("U", "F"),
    "h": ("Q", "N"),
    "z": ("M", "F"),
}
"""mark → (OBS_STATUS, CONF_STATUS), codes of the SDMX cross-domain lists CL_OBS_STATUS 2.2 and
CL_CONF_STATUS 1.3: A normal, Q suppressed, O missing, U of low reliability, M cannot exist; F free,
C confidential, N not for publication. Primary and secondary suppression share one code on purpose:
telling them apart would tell which hidden counts are small."""
