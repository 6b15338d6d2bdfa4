"""The council's verdicts in the table: the only step between a candidate's rows and a release's.

The rule: ``council_verdict`` and the mark h are the council's and come from its record alone; no
other cell changes. A withheld indicator's rows lose every number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import KEY
from pipelines.participation.record import ReviewRecord
from pipelines.release.columns import CLEAR_COLUMNS, COLUMNS, SDMX_STATUS


def with_verdicts(figures: pa.Table, record: ReviewRecord) -> pa.Table:
    """A candidate's table with the verdicts of a closed review; withheld indicators marked h."""
    return _replaced(
        withhold(figures, record.withheld()),
        {name: record.verdict(name) for name in _ids(figures)},
        {"council_verdict": "said"},
    )


def withhold(figures: pa.Table, indicators: Collection[str]) -> pa.Table:
    """The table with every number of some indicators blank and their rows marked h."""
    obs, conf = SDMX_STATUS["h"]
    return _replaced(
        figures,
        {name: "h" for name in _ids(figures) if name in indicators},
        {
            **dict.fromkeys(CLEAR_COLUMNS, "if(said is null, {0}, null)"),
            "mark": "coalesce(said, {0})",
            "obs_status": f"if(said is null, {{0}}, '{obs}')",
            "conf_status": f"if(said is null, {{0}}, '{conf}')",
        },
    )


def _ids(figures: pa.Table) -> list[str]:
    return sorted(set(figures["indicator_id"].to_pylist()))


def _replaced(figures: pa.Table, said: Mapping[str, str], changed: Mapping[str, str]) -> pa.Table:
    """The table with some columns replaced, each by SQL over its old value ({0}) and ``said``."""
    columns = ",\n".join(
        f"{changed.get(column.name, '{0}').format(f'figures.{column.name}')} as {column.name}"
        for column in COLUMNS
    )
    of = pa.table(
        {
            "indicator_id": pa.array(said.keys(), pa.string()),
            "said": pa.array(said.values(), pa.string()),
        }
    )
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        connection.register("of", of)
        return connection.sql(
            f"select {columns} from figures left join of using (indicator_id) "
            f"order by {', '.join(f'figures.{name}' for name in KEY)}"
        ).to_arrow_table()
