"""Spells are numbered alike in whatever order an engine meets rows of the same months."""

from __future__ import annotations

import duckdb

from tests.integration.warehouse_kit import compile_macro

PERSONS = 40_000
PROVIDERS = 10
"""So many rows of the same months a person that two windows seldom meet them in one order."""


def test_rows_of_the_same_months_are_one_spell() -> None:
    sql = compile_macro("{{ number_spells('spells', 'first_month', 'last_month', gap=1) }}")
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        connection.execute(
            f"""
            create table spells as
            select
                cast(hash(person) >> 1 as bigint) as person_id,
                24252 + person % 4 as first_month,
                24299 as last_month
            from range({PERSONS}) as persons (person), range({PROVIDERS}) as providers (provider)
            order by hash({PROVIDERS} * person + provider)
            """
        )
        numbers = connection.execute(f"select spell_number, count(*) from ({sql}) group by 1")
        assert numbers.fetchall() == [(1, PERSONS * PROVIDERS)]
