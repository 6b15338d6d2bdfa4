"""Comments as they landed: of each response the last one, with the corrections of its vintage.

The rule: a comment is read where it landed and held in memory only. A consent that was corrected is
read as corrected.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.deliveries.landing import landed_view
from pipelines.deliveries.vintages import CORRECTIONS
from pipelines.paths import Home

TABLE = "survey_responses"
SCHEMA = pa.schema(
    [
        ("provider_key", pa.string()),
        ("response_key", pa.string()),
        ("year", pa.string()),
        ("language", pa.string()),
        ("consent_to_quote", pa.string()),
        ("comment", pa.string()),
        ("digest", pa.string()),
    ]
)
"""One row a response with a comment; ``digest`` as ``register.digest`` gives it."""


def comments_of(home: Home, vintage: str, country: str) -> pa.Table:
    """The comments of a country in a vintage, by year and key of the response.

    Deliveries that were set aside say nothing here, as in every indicator.
    """
    place = home.vintages / vintage
    with duckdb.connect() as connection:
        listed = connection.execute(
            """
            select delivery_id from read_parquet(?)
            where country = ? and status = 'accepted' and source = 'survivor_survey'
            order by period_last_month, sent_month, delivery_id
            """,
            [str(place / "vintage.parquet"), country],
        ).fetchall()
        if not listed:
            return SCHEMA.empty_table()
        ranked = [delivery for (delivery,) in listed]
        connection.register("ranks", pa.table({"delivery_id": ranked, "place": range(len(ranked))}))
        connection.execute(f"create temp view landed as {landed_view(home, TABLE, ranked)}")
        connection.read_parquet(str(place / CORRECTIONS)).create_view("corrected")
        corrected = ", ".join(_corrected(name) for name in ("wave", "language", "consent_to_quote"))
        return connection.sql(
            f"""
            with responses as (
                select
                    landed.provider_key,
                    landed.response_key,
                    landed.comment,
                    {corrected}
                from landed
                inner join ranks using (delivery_id)
                qualify row_number() over (
                    partition by landed.provider_key, landed.response_key
                    order by ranks.place desc, landed.row_number desc
                ) = 1
            )

            select
                provider_key,
                response_key,
                left(wave, 4) as year,
                coalesce(language, '') as language,
                coalesce(consent_to_quote, 'unknown') as consent_to_quote,
                comment,
                sha256(response_key || chr(10) || comment) as digest
            from responses
            where comment is not null and trim(comment) <> ''
            order by year, response_key, provider_key
            """
        ).to_arrow_table()


def _corrected(field: str) -> str:
    return f"""
        coalesce(
            (
                select max(corrected.to_value) from corrected
                where
                    corrected.table_name = '{TABLE}'
                    and corrected.delivery_id = landed.delivery_id
                    and corrected.row_number = landed.row_number
                    and corrected.field = '{field}'
            ),
            landed.{field}
        ) as {field}
    """
