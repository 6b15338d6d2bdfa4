"""Massachusetts Attorney General, fair-labour citations → inspections (one row a citation).

``Total Assessed`` becomes wages_owed. wages_paid stays empty for every row: the file knows only
"Paid In Full" yes or no, and keeping the amount of the yes rows alone would make the recovery ratio
1 by construction. Assessed sums may hold penalties beside wages, and vacated citations are listed
with their sums; both are caveats of the source. The month is that of issue.

The file lists citations only, so it says nothing of inspections without one; of immigration, police
and data sharing it says nothing at all: unknown, never no. Rows alike in every column are kept,
told apart by their count, for nothing in the file says which would be the error.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.deliveries.readers.base import NativeReader, code_map, month_sql
from pipelines.deliveries.readers.canonical import READER as canonical

_SECTIONS = Path(__file__).with_name("massachusetts_industries.csv")

_IDENTITY = (
    "City, State",
    "Citation #",
    "Violation",
    "Violation Description",
    "Date Issued",
    "Total Assessed",
    "Industry",
    "employer_pseudo",
)
_ROW = " || '|' || ".join(f"coalesce(\"{name}\", '')" for name in _IDENTITY)

READER = NativeReader(
    name="us_massachusetts_citations",
    table="inspections",
    loader=canonical,
    keeps={
        "City, State": "region: the State in lower case, the city dropped",
        "Citation #": "inspection_key, hashed with the other columns of the row",
        "Violation": "inspection_key only",
        "Violation Description": "inspection_key only",
        "Date Issued": "month, the day dropped",
        "Total Assessed": "wages_owed",
        "Industry": "sector, coarsened to the ISIC section",
        "employer_pseudo": "employer_key, hashed again",
    },
    drops={
        "Number of Employees": "not said whether employed or concerned",
        "Paid In Full": "says nothing of the amount paid",
        "With Specific Intent|Appeal Filed|Lien Issued|Settlement Agreement|Criminal/Civil": (
            "proceedings: not asked"
        ),
    },
    columns={
        "inspection_key": (
            f"md5('us_massachusetts_citations|' || {_ROW} || '|' || "
            f"row_number() over (partition by {_ROW} order by source.row_number))"
        ),
        "employer_key": "md5('us_massachusetts_citations|employer|' || \"employer_pseudo\")",
        "month": month_sql("Date Issued"),
        "region": "lower(nullif(regexp_extract(\"City, State\", ',\\s*([A-Z]{2})$', 1), ''))",
        "sector": "isic.section",
        "wages_owed": (
            'coalesce(try_cast("Total Assessed" as decimal(18, 2))::varchar, "Total Assessed")'
        ),
        "currency": "case when \"Total Assessed\" is not null then 'USD' end",
    },
    joins=(
        f"left join (values {code_map(_SECTIONS)}) as isic(named, section) "
        'on isic.named = lower("Industry")'
    ),
)
