"""UK National Referral Mechanism, Home Office statistics as CSV. Open Government Licence v3.0.

Rule guarded: the files repeat every sum as a ``Total`` row or column; adding them up doubles the
referrals of a quarter (8,284 instead of 4,142 in the longitudinal file's 2023 Q4). Total rows are
checked against their parts and dropped; only the parts are kept. Years are sums of quarters and are
dropped likewise.
"""

from __future__ import annotations

import re
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.context.tidy import Context, ContextError, Note, count, load_text, tidy

SOURCE = "uk_nrm"
_AGE = """case
    when {0} ilike 'adult%' then '18+'
    when {0} ilike 'child%' then '0-17'
    else 'unknown'
end"""
_PERIOD = "Year || Quarter"


def read_longitudinal(connection: DuckDBPyConnection, file: Path) -> Context:
    """Referrals by quarter, age and place of exploitation."""
    needs = ("Year", "Quarter", "Age at exploitation", "Location of exploitation", "NRM referrals")
    load_text(connection, file, "nrm", needs)
    wrong = count(
        connection,
        """
        select count(*) from (
            select
                sum(people) filter (place <> 'Total') as parts,
                sum(people) filter (place = 'Total') as total
            from (
                select *, "NRM referrals"::bigint as people, "Location of exploitation" as place
                from nrm
            )
            group by Year, Quarter, "Age at exploitation"
        ) where total is not null and coalesce(parts, 0) <> total
        """,
    )
    _refuse_wrong_totals(file, wrong)
    totals = count(
        connection, "select count(*) from nrm where \"Location of exploitation\" = 'Total'"
    )
    place = (
        "case when \"Location of exploitation\" ilike 'not specified%' then 'unknown' "
        'else lower("Location of exploitation") end'
    )
    return tidy(
        connection,
        f"""
        select
            '{SOURCE}' as source, 'GBR' as area, {_PERIOD} as period, 'referrals' as variable,
            {_AGE.format('"Age at exploitation"')} as age, 'exploited in: ' || {place} as detail,
            "NRM referrals" as value_low, "NRM referrals" as value_high, 'people' as unit
        from nrm
        where "Location of exploitation" <> 'Total'
        """,
        [_totals(totals)],
    )


def read_referrals(connection: DuckDBPyConnection, file: Path, quarter: str) -> Context:
    """One quarter's referrals by responder, form, age, sex and nationality; e.g. ``2022Q2``.

    A type of responder may have no rows but its total, divided by nationality alone (the police).
    It is kept as ``total`` in the categories that it is not divided by.
    """
    dimensions = ("Exploitation type", "Age at exploitation", "Gender", "Nationality")
    needs = ("First responder type", "First responder", *dimensions, "People")
    load_text(connection, file, "nrm", needs)
    connection.execute(
        """
        create or replace temp table nrm_rows as
        select
            "First responder type" as kind,
            replace("First responder", ' total', '') as responder,
            "First responder" like '% total' as is_total,
            bool_and(is_total) over (partition by kind) as alone,
            lower("Exploitation type") as form,
            "Age at exploitation" as age,
            lower(Gender) as sex,
            Nationality as origin,
            People::double as people,
            origin <> 'Total'
            and (alone or (not is_total and form <> 'total' and age <> 'Total' and sex <> 'total'))
                as part,
            form = 'total' and age = 'Total' and sex = 'total' and origin = 'Total' as whole
        from nrm
        """
    )
    wrong = count(
        connection,
        """
        select count(*) from (
            select sum(people) filter (part) as parts, max(people) filter (whole) as total
            from nrm_rows group by kind
        ) where parts is distinct from total
        """,
    )
    _refuse_wrong_totals(file, wrong)
    return tidy(
        connection,
        f"""
        select
            '{SOURCE}' as source, 'GBR' as area, '{quarter}' as period,
            'referrals_by_responder' as variable,
            if(sex = 'not recorded', 'unknown', sex) as sex,
            if(age = 'Total', 'total', {_AGE.format("age")}) as age,
            if(form like 'not specified%', 'unknown', form) as form,
            if(origin like 'Not %', 'unknown', origin) as origin,
            kind || ': ' || responder as detail,
            sum(people) as value_low, sum(people) as value_high, 'people' as unit
        from nrm_rows
        where part
        group by all
        """,
        [_totals(count(connection, "select count(*) from nrm_rows where not part"))],
    )


def read_grounds(connection: DuckDBPyConnection, file: Path) -> Context:
    """Reasonable- or conclusive-grounds decisions by quarter, age and outcome (``detail``)."""
    columns = load_text(connection, file, "nrm", ("Year", "Quarter", "Total"))
    kinds = {"Reasonable": "reasonable_grounds", "Conclusive": "conclusive_grounds"}
    parts = [
        (column, match[1], match[2].lower(), kinds[match[3].capitalize()])
        for column in columns
        if (
            match := re.fullmatch(
                r"(.+) - (Positive|Negative) (reasonable|conclusive) grounds", column
            )
        )
    ]
    if len(parts) != 6:
        raise ContextError(f"{file}: six columns of outcome by age are needed, {len(parts)} found")
    summed = " + ".join(f'"{column}"::bigint' for column, *_ in parts)
    wrong = count(connection, f"select count(*) from nrm where {summed} <> Total::bigint")
    wrong += count(
        connection,
        "select count(*) from (select sum(Total::bigint) filter (Quarter <> 'Total') as parts, "
        "sum(Total::bigint) filter (Quarter = 'Total') as total from nrm group by Year) "
        "where parts <> total",
    )
    _refuse_wrong_totals(file, wrong)
    years = count(connection, "select count(*) from nrm where Quarter = 'Total'")
    selects = [
        f"select '{SOURCE}' as source, 'GBR' as area, {_PERIOD} as period, '{kind}' as variable, "
        + _AGE.format(f"'{age}'")
        + f' as age, \'{outcome}\' as detail, "{column}" as value_low, "{column}" as value_high, '
        "'decisions' as unit from nrm where Quarter <> 'Total'"
        for column, age, outcome, kind in parts
    ]
    return tidy(
        connection,
        " union all ".join(selects),
        [_totals(years)],
    )


def _totals(rows: int) -> Note:
    return Note("total_row", rows, "a sum of other rows; checked and dropped")


def _refuse_wrong_totals(file: Path, wrong: int) -> None:
    if wrong:
        raise ContextError(
            f"{file}: {wrong} totals are not the sum of their parts; don't use it before the "
            "publisher has said which is right"
        )
