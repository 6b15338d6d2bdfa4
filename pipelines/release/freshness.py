"""How fresh a candidate's data are, provider by provider.

The rule: lateness is a published fact, and no clock is read. A delivery's delay is the months from
the end of its period to the month of sending, as its manifest says; it is held against the
provider's own habit, the lower median of its delays. Corrections say nothing about either.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field


class Freshness(BaseModel):
    """One provider's deliveries of one source."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    provider: str = Field(description="the first eight digits of its key")
    source: str
    last_period: str = Field(description="the last period that it delivered")
    months_behind: int = Field(description="from that period's end to the candidate's cut-off")
    delay_months: int | None = Field(
        description="months from the end of the newest period sent for the first time to its "
        "sending; none where all deliveries are corrections"
    )
    usual_delay_months: int | None


def freshness(deliveries: pa.Table) -> list[Freshness]:
    """One entry a provider and source, in order of source and provider.

    ``deliveries`` are one country's rows of vintage.parquet; set-aside ones came, so they count.
    """
    with duckdb.connect() as connection:
        connection.register("deliveries", deliveries)
        found = connection.sql(
            """
            with delays as (
                select *, if(not corrects, sent_month - period_last_month, null) as delay
                from deliveries
            )

            select
                left(provider_key, 8) as provider,
                source,
                arg_max(period, period_last_month) as last_period,
                max(cutoff_month) - max(period_last_month) as months_behind,
                arg_max(delay, period_last_month) filter (delay is not null) as delay_months,
                quantile_disc(delay, 0.5) as usual_delay_months
            from delays
            group by provider_key, source
            order by source, provider_key
            """
        ).to_arrow_table()
    return [Freshness(**row) for row in found.to_pylist()]
