"""US Department of Labor, Wage and Hour compliance actions (WHISARD extract) → inspections.

One row is one concluded action. ``bw_atp_amt`` is back wages *agreed to be paid*: found owed, not
paid, so wages_paid stays empty. The extract says nothing of immigration officers, police, data
sharing, triggers or workers met: unknown, never no or 0. The month is that of
``findings_end_date``, the end of the period investigated, the only date near the action.

The employer's key is a hash of a public name: it joins and protects nothing.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.deliveries.readers.base import NativeReader, code_map, month_sql
from pipelines.deliveries.readers.canonical import READER as canonical

_SECTIONS = Path(__file__).with_name("naics_to_isic.csv")

READER = NativeReader(
    name="us_dol_whisard",
    table="inspections",
    loader=canonical,
    keeps={
        "case_id": "inspection_key, as a hash",
        "legal_name": "employer_key, as a hash with the State; the name is dropped",
        "st_cd": "region, in lower case",
        "naic_cd": "sector, coarsened to the ISIC section",
        "findings_end_date": "month, the day dropped",
        "case_violtn_cnt": "violations",
        "bw_atp_amt": "wages_owed",
    },
    drops={
        "trade_nm": "an employer's name",
        "street_addr_1_txt|cty_nm|city_nm|zip_cd": "an address finer than a region",
        "findings_start_date": "an exact date that no indicator uses",
        "naics_code_description": "the text of a code that is kept",
        "cmp_assd_cnt|ee_violtd_cnt|ee_atp_cnt": "penalties and workers with findings: not asked",
        "[a-z0-9]+(_(cl|smw[a-z0-9]*|hmwkr))?_(repeat_violator|minor_cnt|violtn_cnt|"
        "(mw_|ot_|15a3_)?bw_(atp_)?amt|ee_(atp_)?cnt|cmp_assd_amt)": (
            "a part, by statute, of a total that is kept"
        ),
    },
    columns={
        "inspection_key": "md5('us_dol_whisard|case|' || \"case_id\")",
        "employer_key": (
            "md5('us_dol_whisard|employer|' || upper(\"legal_name\") || '|' || "
            "coalesce(\"st_cd\", ''))"
        ),
        "month": month_sql("findings_end_date"),
        "region": 'lower("st_cd")',
        "sector": "sections.section",
        "violations": '"case_violtn_cnt"',
        "wages_owed": 'coalesce(try_cast("bw_atp_amt" as decimal(18, 2))::varchar, "bw_atp_amt")',
        "currency": "'USD'",
    },
    joins=(
        "left join (select row_number, arg_max(isic.section, length(isic.prefix)) as section "
        f"from source, (values {code_map(_SECTIONS)}) as isic(prefix, section) "
        'where starts_with("naic_cd", isic.prefix) group by row_number) as sections '
        "on sections.row_number = source.row_number"
    ),
)
