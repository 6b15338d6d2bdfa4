"""UNODC data portal: trafficking in persons (GLOTIP), one CSV. Cite UNODC.

Rules guarded: ``<5`` is 0 to 4 (the file holds no 0 and no number below 5); thousands commas are
dropped; exact duplicates are one figure, the same figure with several values is ``conflicting``;
numbers of seven digits and more are dates that somebody's software took for numbers
(``6,112,019``) and stand for nothing; a citizenship that lost characters stays, marked
``illegible``. Citizenships are free text in many languages and are not summed.
"""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.context.tidy import Context, Note, count, load_text, tidy

SOURCE = "unodc_glotip"
IMPLAUSIBLE_FROM = 1_000_000
_NEEDS = ("Iso3_code", "Indicator", "Dimension", "Category", "Sex", "Age", "Year", "txtVALUE")
_ILLEGIBLE = "contains(category, chr(65533))"


def read(connection: DuckDBPyConnection, file: Path) -> Context:
    """The portal's extract as tidy rows."""
    load_text(connection, file, "unodc", _NEEDS)
    connection.execute(
        f"""
        create or replace temp table unodc_figures as
        with once as (select distinct * from unodc),
        numbered as (
            select
                Iso3_code as area,
                Year as period,
                lower(replace(Indicator, ' ', '_')) as variable,
                Dimension as dimension,
                trim(Category) as category,
                lower(Sex) as sex,
                case Age
                    when '0 to 17 years' then '0-17'
                    when '18 years or over' then '18+'
                    else lower(Age)
                end as age,
                txtVALUE = '<5' as small,
                try_cast(replace(txtVALUE, ',', '') as bigint) as number
            from once
        )
        select
            area, period, variable, dimension, category, sex, age,
            number >= {IMPLAUSIBLE_FROM} as implausible,
            case when small then 0 when not implausible then number end as low,
            case when small then 4 when not implausible then number end as high,
        from numbered
        """
    )
    notes = [
        Note(
            "exact_duplicate",
            count(connection, "select (select count(*) from unodc) - count(*) from unodc_figures"),
            "the same row again; counted once",
        ),
        Note(
            "small_count",
            count(connection, "select count(*) from unodc where txtVALUE = '<5'"),
            "published as <5: a range from 0 to 4",
        ),
        Note(
            "illegible",
            count(connection, "select count(*) from unodc where contains(Category, chr(65533))"),
            "a category lost characters before publication",
        ),
        Note(
            "implausible",
            count(connection, "select count(*) from unodc_figures where implausible"),
            "a date that was taken for a number",
        ),
        Note(
            "unreadable",
            count(
                connection,
                "select count(*) from unodc_figures where high is null and implausible is not true",
            ),
            "neither a number nor <5",
        ),
    ]
    conflicting = count(
        connection,
        "select count(*) from (select 1 from unodc_figures group by area, period, variable, "
        "dimension, category, sex, age having count(*) > 1)",
    )
    notes.append(
        Note("conflicting", conflicting, "several values for one figure: lowest to highest")
    )
    return tidy(
        connection,
        f"""
        select
            '{SOURCE}' as source,
            area, period, variable, sex, age,
            case dimension
                when 'by form of exploitation' then case category
                    when 'Sexual exploitation' then 'sexual'
                    when 'Forced labour' then 'labour'
                    when 'Other forms of exploitation' then 'other'
                    else category
                end
                else 'total'
            end as form,
            case dimension when 'by citizenship' then category else 'total' end as origin,
            case dimension
                when 'by country of repatriation' then 'repatriated to ' || category
                else 'total'
            end as detail,
            min(low) as value_low,
            max(high) as value_high,
            'count' as unit,
            case
                when max(high) is null then 'implausible'
                when count(*) > 1 then 'conflicting'
                when max(low) < max(high) then 'range'
                when {_ILLEGIBLE} then 'illegible'
                else ''
            end as status
        from unodc_figures
        group by area, period, variable, dimension, category, sex, age
        """,
        notes,
    )
