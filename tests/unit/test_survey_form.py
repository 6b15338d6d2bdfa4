"""The survey form: it compiles, asks consent first and asks nothing that identifies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pyxform.xls2xform import convert

from pipelines.deliveries.contract import contracts
from pipelines.deliveries.identifying_columns import column_rule
from pipelines.deliveries.survey.xlsform import (
    INSTRUMENT,
    SKIP,
    InstrumentError,
    load_instrument,
    write_xlsform,
)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("form") / "survey.xlsx"
    write_xlsform(load_instrument(), path)
    return convert(path, pretty_print=False)


def test_it_compiles_without_a_warning_in_every_language(form: Any) -> None:
    assert form.warnings == []
    for code, name in load_instrument().languages.items():
        assert f'<translation lang="{name} ({code})"' in form.xform.replace(' default="true()"', "")


def test_every_item_of_the_contract_is_asked_under_its_own_name() -> None:
    contract = contracts()["survey_responses"]
    asked = load_instrument().items
    items = [column.name for column in contract.columns if column.item]
    assert [item.name for item in asked if item.name in items] == items
    assert {item.name for item in asked} | set(load_instrument().prefilled) <= {
        column.name for column in contract.columns
    }


def test_answer_codes_are_the_contracts() -> None:
    contract, instrument = contracts()["survey_responses"], load_instrument()
    for item in instrument.items:
        column = contract.column(item.name)
        if item.list == "scale":
            assert list(instrument.choices["scale"]) == [
                str(i) for i in range(column.min or 0, (column.max or 0) + 1)
            ]
        elif codes := contract.codes(column):
            assert set(instrument.choices[item.list]) <= set(codes)


def test_consent_is_asked_first_alone_is_required_and_opens_the_rest(form: Any) -> None:
    xform = form.xform
    assert xform.count('required="true()"') == 1
    assert xform.count("= 'yes'\"") == len(load_instrument().sections)
    body = xform[xform.index("<h:body") :]
    assert body.index("/consent") < body.index("/housing_secure")


def test_every_question_can_be_left_in_so_many_words(form: Any) -> None:
    instrument = load_instrument()
    lists = {item.list for item in instrument.items} - {"integer", "text"}
    assert form.xform.count(f"<name>{SKIP}</name>") == len(lists)


def test_nothing_identifying_is_asked_or_recorded(form: Any) -> None:
    names = [item.name for item in load_instrument().items] + load_instrument().prefilled
    assert [name for name in names if column_rule(name)] == []
    for recorded in ('"timestamp"', '"property"', "geopoint", "audit", "<upload"):
        assert recorded not in form.xform


def test_a_missing_translation_is_named(tmp_path: Path) -> None:
    content = yaml.safe_load(INSTRUMENT.read_text(encoding="utf-8"))
    del content["sections"][0]["items"][0]["ar"]
    path = tmp_path / "instrument.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(InstrumentError, match="item housing_secure"):
        load_instrument(path)
