"""The contract files: complete, consistent, and the data dictionary says what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.deliveries import contract as contract_module
from pipelines.deliveries.contract import Column, ContractError, contracts
from pipelines.deliveries.dictionary import DICTIONARY, render

TABLES = {
    "providers",
    "persons",
    "support_episodes",
    "case_events",
    "inspections",
    "workforce",
    "survey_frame",
    "survey_responses",
}


def test_the_data_dictionary_is_not_stale() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == render(), (
        "run: python -m pipelines.deliveries.dictionary"
    )


def test_every_canonical_table_has_a_contract() -> None:
    assert set(contracts()) == TABLES


def test_referenced_tables_come_first() -> None:
    order = list(contracts())
    for table, contract in contracts().items():
        for reference in contract.references:
            assert order.index(reference.table) < order.index(table)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_coded_column_may_be_unknown_or_is_required(table: str) -> None:
    contract = contracts()[table]
    for column in contract.columns:
        codes = contract.codes(column)
        if codes is not None:
            assert ("unknown" in codes) != column.required
            assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_names_its_provider_first(table: str) -> None:
    first = contracts()[table].columns[0]
    assert (first.name, first.type, first.required) == ("provider_key", "key", True)


def test_a_code_column_without_codes_is_refused() -> None:
    with pytest.raises(ValueError, match="either codes or a pattern"):
        Column(name="sex", type="code", description="Sex.")


def test_a_broken_contract_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.yml").write_text("table: x\n", encoding="utf-8")
    monkeypatch.setattr(contract_module, "CONTRACTS", tmp_path)
    contracts.cache_clear()
    try:
        with pytest.raises(ContractError, match=r"x\.yml"):
            contracts()
    finally:
        contracts.cache_clear()
