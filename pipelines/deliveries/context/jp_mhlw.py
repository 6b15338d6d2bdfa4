"""Japan, Ministry of Health, Labour and Welfare: published violations of labour law, counted.

Rules guarded: employers are counted, never named; a prosecution without a date belongs to no year
and is ``unknown``, not dropped. Laws are cited in many spellings: the law is told from its
characteristic words. The list shows what was sent to prosecutors and published, not what was found.
"""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.context.tidy import Context, Note, count, load_text, tidy

SOURCE = "jp_mhlw"
#: Law → words by which a citation is told, in the order asked.
LAWS = {
    "minimum_wage_act": "最低賃金",
    "industrial_safety_and_health_act": "安全衛生|安全安衛|安衛法",
    "labour_standards_act": "労働基準法|労基法",
}


def read(connection: DuckDBPyConnection, file: Path) -> Context:
    """Publications by year of prosecution, law (``form``) and labour bureau (``detail``)."""
    load_text(connection, file, "mhlw", ("labor_bureau", "violation_law", "prosecution_date"))
    laws = " ".join(
        f"when regexp_matches(violation_law, '{words}') then '{law}'" for law, words in LAWS.items()
    )
    undated = count(
        connection,
        "select count(*) from mhlw where try_cast(prosecution_date as date) is null",
    )
    return tidy(
        connection,
        f"""
        select
            '{SOURCE}' as source, 'JPN' as area,
            coalesce(year(try_cast(prosecution_date as date))::varchar, 'unknown') as period,
            'published_violations' as variable,
            case {laws} when violation_law is null then 'unknown' else 'other' end as form,
            coalesce(labor_bureau, 'unknown') as detail,
            count(*) as value_low, count(*) as value_high, 'publications' as unit
        from mhlw
        group by all
        """,
        [Note("undated", undated, "no date of prosecution")],
    )
