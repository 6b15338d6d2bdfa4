"""The council's verdicts in the table: the only step between a candidate's rows and a release's.

The rule: ``council_verdict`` and the mark h are the council's and come from its record alone; no
other cell changes. A withheld indicator's rows lose every number.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import KEY
from pipelines.participation.record import ReviewRecord
from pipelines.release.columns import CLEAR_COLUMNS, COLUMNS, SDMX_STATUS


def with_verdicts(figures: pa.Table, record: ReviewRecord) -> pa.Table:
    """A candidate's table with the verdicts of a closed review; withheld indicators marked h."""
    ids = sorted(set(figures["indicator_id"].to_pylist()))
    withheld = set(record.withheld())
    verdicts = pa.table(
        {
            "indicator_id": pa.array(ids, pa.string()),
            "verdict": pa.array([record.verdict(name) for name in ids], pa.string()),
            "withheld": pa.array([name in withheld for name in ids], pa.bool_()),
        }
    )
    obs, conf = SDMX_STATUS["h"]
    changed = {
        **dict.fromkeys(CLEAR_COLUMNS, "if(withheld, null, {0})"),
        "mark": "if(withheld, 'h', {0})",
        "obs_status": f"if(withheld, '{obs}', {{0}})",
        "conf_status": f"if(withheld, '{conf}', {{0}})",
        "council_verdict": "verdict",
    }
    columns = ",\n".join(
        f"{changed.get(column.name, '{0}').format(column.name)} as {column.name}"
        for column in COLUMNS
    )
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        connection.register("verdicts", verdicts)
        return connection.sql(
            f"select {columns} from figures inner join verdicts using (indicator_id) "
            f"order by {', '.join(KEY)}"
        ).to_arrow_table()
