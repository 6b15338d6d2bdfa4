"""ILOSTAT labour-inspection series (annual), one CSV an indicator. CC BY 4.0, cite ILO.

Rules guarded: sex is read, so that women inspectors are never taken for all inspectors; estimated
and provisional figures keep that mark. Published visits per inspector should be visits ÷
inspectors of both sexes; ``visits_law`` says where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.context.tidy import Context, load_text, tidy

SOURCE = "ilostat"
UNITS = {
    "LAI_WOPL_NOC_NB": "workplaces",
    "LAI_INSP_SEX_NB": "inspectors",
    "LAI_VIST_NOC_NB": "visits",
    "LAI_INDE_NOC_RT": "inspectors per 10,000 employed",
    "LAI_VDIN_NOC_RT": "visits per inspector",
}
LAW_TOLERANCE = 0.05
_NEEDS = ("ref_area", "indicator", "time", "obs_value")


def read(connection: DuckDBPyConnection, files: Sequence[Path]) -> Context:
    """Series as tidy rows; variables are ILOSTAT's codes in lower case."""
    selects = []
    for number, file in enumerate(files):
        columns = load_text(connection, file, f"ilostat_{number}", _NEEDS)
        sex = (
            "case sex when 'SEX_T' then 'total' when 'SEX_F' then 'female' "
            "when 'SEX_M' then 'male' else 'unknown' end"
            if "sex" in columns
            else "'total'"
        )
        status = (
            "case obs_status when 'E' then 'estimated' when 'P' then 'provisional' else '' end"
            if "obs_status" in columns
            else "''"
        )
        units = " ".join(f"when '{code}' then '{unit}'" for code, unit in UNITS.items())
        selects.append(
            f"select '{SOURCE}' as source, ref_area as area, time as period, "
            f"lower(indicator) as variable, {sex} as sex, obs_value as value_low, "
            f"obs_value as value_high, case indicator {units} else 'number' end as unit, "
            f"{status} as status from ilostat_{number}"
        )
    return tidy(connection, " union all ".join(selects))


def visits_law(connection: DuckDBPyConnection, rows: pa.Table) -> pa.Table:
    """area, period, computed, published, broken: visits ÷ inspectors against the published ratio.

    ``broken`` where they differ by more than 5 % of the published value.
    """
    connection.register("ilostat_rows", rows)
    result: pa.Table = connection.sql(
        f"""
        with totals as (
            select area, period, variable, value_low::double as value
            from ilostat_rows
            where source = '{SOURCE}' and sex = 'total'
        )
        select
            area,
            period,
            visits.value / inspectors.value as computed,
            published.value as published,
            abs(computed / published.value - 1) > {LAW_TOLERANCE} as broken
        from (select * from totals where variable = 'lai_vist_noc_nb') as visits
        join (select * from totals where variable = 'lai_insp_sex_nb') as inspectors
            using (area, period)
        join (select * from totals where variable = 'lai_vdin_noc_rt') as published
            using (area, period)
        where inspectors.value > 0 and published.value > 0
        order by area, period
        """
    ).to_arrow_table()
    connection.unregister("ilostat_rows")
    return result
