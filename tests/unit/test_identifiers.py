"""What looks like an identifier, rule by rule, and what looks like one and is not."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.deliveries.identifiers import CELL_RULES, comment_sql, value_sql
from pipelines.deliveries.identifying_columns import column_rule


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def broken(connection: duckdb.DuckDBPyConnection, value: str) -> set[str]:
    hits = ", ".join(value_sql(rule, "value") for rule in CELL_RULES)
    row = connection.execute(f"select {hits} from (select ?::varchar as value)", [value]).fetchall()
    return {rule for rule, hit in zip(CELL_RULES, row[0], strict=True) if hit}


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("ana@example.org", "email"),
        ("+34 600 123 456", "phone"),
        ("(555) 123-4567", "phone"),
        ("01.23.45.67.89", "phone"),
        ("https://example.org/ana", "link_or_handle"),
        ("X1234567", "passport_number"),
        ("ab 123456", "passport_number"),
        ("12345678Z", "national_number"),
        ("123-45-6789", "national_number"),
        ("QQ 12 34 56 C", "national_number"),
        ("123.456.789-09", "national_number"),
        ("2024-10-17", "exact_date"),
        ("17.10.2024", "exact_date"),
        ("10/17/2024", "exact_date"),
        ("17 de octubre de 2024", "exact_date"),
        ("October 17th, 2024", "exact_date"),
        ("2024-10-17T10:00:00Z", "exact_date"),
        ("20241017", "exact_date"),
        ("40.4168, -3.7038", "coordinates"),
        ("40.4168 -3.7038 0 0", "coordinates"),
        ("GB82 WEST 1234 5698 7654 32", "iban"),
        ("DE89370400440532013000", "iban"),
        ("Ana María Example", "person_name"),
        ("EXAMPLE, Ana", "person_name"),
        (" Ana Example ", "person_name"),
        ("Ana_Example", "person_name"),
        ("Ana Example, 34", "person_name"),
        ("A. Example", "person_name"),
        ("Ana de la Cruz", "person_name"),
        ("Mohammed bin Salman", "person_name"),
        ("Ana d'Angelo", "person_name"),
        ("Ana West", "person_name"),
        ("Jose\u0301 Example", "person_name"),
        ("زيد المثال", "person_name"),
        ("josé@bücher.example", "email"),
        ("+34\u00a0600\u00a0123\u00a0456", "phone"),
        ("٠٦١٢٣٤٥٦٧٨", "phone"),
        ("169.572.2008", "phone"),
        ("tel.0612345678", "phone"),
        ("facebook.com/ana", "link_or_handle"),
        ("AAA123456", "passport_number"),
        ("12AB34567", "passport_number"),
        ("C01X00T47", "passport_number"),
        ("ABCDE1234F", "national_number"),
        ("131052-308T", "national_number"),
        ("85.07.30-033.28", "phone"),
        ("25. Juli 2008", "exact_date"),
        ("6 февраля 2003", "exact_date"),
        ("17OCT2024", "exact_date"),
        ("2024年10月17日", "exact_date"),
        ("14 / 9 / 1951", "exact_date"),
        ("40,4168; -3,7038", "coordinates"),
        ("N40.4168 W3.7038", "coordinates"),
        ("de89 3704 0044 0532 0130 00 that", "iban"),
    ],
)
def test_identifying(connection: duckdb.DuckDBPyConnection, value: str, rule: str) -> None:
    assert rule in broken(connection, value)


@pytest.mark.parametrize(
    "value",
    [
        "2024-10",
        "2024Q4",
        "2023-2024",
        "yes",
        "shelter;legal",
        "north_1",
        "-15000.00",
        "100.000 EUR",
        "EUR 89392.00",
        "10/2021 - 12/2024",
        "May 2024",
        "Labour Exploitation",
        "North East",
        "Vocational Training",
        "Prefer Not To Say",
        "Permiso de Residencia",
        "Costa Rica",
        "Bosnia & Herzegovina",
        "Sector A",
        "d41d8cd98f00b204e9800998ecf8427e",
        "DE88370400440532013000",  # an IBAN's form with a wrong checksum
    ],
)
def test_not_identifying(connection: duckdb.DuckDBPyConnection, value: str) -> None:
    assert broken(connection, value) == set()


@pytest.mark.parametrize(
    ("comment", "drops"),
    [
        ("They told me to call 600 123 456.", True),
        ("I came on 3 May 2023.", True),
        ("From 2021-03 to 2022-04 it was hard; 2 of 3 helped.", False),
        ("The People There Were Kind", False),
        (None, None),
    ],
)
def test_comments(
    connection: duckdb.DuckDBPyConnection, comment: str | None, drops: bool | None
) -> None:
    query = f"select {comment_sql('value')} from (select ?::varchar as value)"
    assert connection.execute(query, [comment]).fetchall() == [(drops,)]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("first_name", "person_name"),
        ("FirstName", "person_name"),
        ("prs_First_Name", "person_name"),
        ("E-Mail", "contact"),
        ("home address", "address"),
        ("_geolocation", "coordinates"),
        ("deviceid", "device"),
        ("_submitted_by", "device"),
        ("end", "timestamp"),
        ("prénom", "person_name"),
        ("Имя", "person_name"),
        ("Straße", "address"),
        ("fecha de nacimiento", "birth_date"),
        ("start_month", None),
        ("end_month", None),
        ("employer_key", None),
        ("language", None),
        ("housing_secure", None),
    ],
)
def test_column_names(name: str, rule: str | None) -> None:
    assert column_rule(name) == rule
