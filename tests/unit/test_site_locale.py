"""Languages: complete, with the same placeholders, and strict about what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from dashboards.site.locale import (
    LOCALES,
    Locale,
    LocaleError,
    differences,
    load_locale,
    load_locales,
)
from pipelines.registry import load_registry
from pipelines.release.columns import COLUMNS

EN, *OTHERS = load_locales()
ES = next(locale for locale in OTHERS if locale.code == "es")
SITE = Path(LOCALES).parent
in_every_language = pytest.mark.parametrize("other", OTHERS, ids=lambda locale: locale.code)


@in_every_language
def test_every_language_has_every_text_with_the_same_placeholders(other: Locale) -> None:
    assert differences(EN, other) == []


def test_the_languages_are_those_the_survey_is_asked_in() -> None:
    assert {EN.code, *(other.code for other in OTHERS)} == {"en", "es", "fr", "ar"}


def test_every_mark_verdict_and_method_has_a_text() -> None:
    codes = {column.name: column.codes for column in COLUMNS}
    keys = [f"marks.{mark}" for mark in codes["mark"] if mark]
    keys += [f"verdicts.{verdict}" for verdict in codes["council_verdict"]]
    keys += [f"methods.{part}.{name}" for part in ("names", "texts") for name in codes["method"]]
    assert [key for key in keys if not EN.has(key)] == []


def untranslated(locale: Locale) -> dict[str, list[str]]:
    """By indicator, the texts that it needs and this language lacks."""
    lacking = {}
    for name, entry in load_registry().indicators.items():
        wanted = [f"indicators.{name}.{field}" for field in ("title", "explanation", "definition")]
        leading = "value" if "value" in entry.measures else next(iter(entry.measures))
        wanted += [f"indicators.{name}.sentence.{leading}"]
        wanted += [f"indicators.{name}.measures.{measure}" for measure in entry.measures]
        lacking[name] = [key for key in wanted if not locale.has(key)]
        assert len(lacking[name]) in (0, len(wanted)), f"{locale.code}: half of {name} is English"
    return {name: keys for name, keys in lacking.items() if keys}


def test_every_indicator_and_caveat_of_the_registry_is_translated_into_spanish() -> None:
    registry = load_registry()
    assert untranslated(ES) == {}
    wanted = [f"caveats.{name}" for name in registry.caveats]
    for entry in registry.indicators.values():
        wanted += [f"paragraphs.{number}" for number in entry.paragraphs]
        wanted += [f"events.{event}" for event in entry.competing]
    assert [key for key in wanted if not ES.has(key)] == []


@in_every_language
def test_an_indicator_is_translated_as_a_whole_or_falls_back_as_a_whole(other: Locale) -> None:
    assert len(untranslated(other)) < len(load_registry().indicators)


def test_what_a_language_lacks_is_said_in_english_and_marked() -> None:
    lacking = replace(ES, texts={}, english={"events.died": "death"})
    assert str(lacking.text("events.died")) == '<span lang="en" dir="ltr">death</span>'
    assert lacking.plain("events.died") == "death"


def test_every_key_a_template_names_exists() -> None:
    templates = "".join(path.read_text() for path in (SITE / "templates").glob("*.j2"))
    named = set(re.findall(r'\bt\("([a-z_.]+[a-z])"', templates))
    assert named
    assert sorted(key for key in named if not EN.has(key)) == []


def test_a_language_that_lacks_a_text_is_refused_with_its_name(tmp_path: Path) -> None:
    texts = yaml.safe_load((LOCALES / "es.yml").read_text(encoding="utf-8"))
    del texts["marks"]["c"]
    texts["sentence"]["known"] = "Se conoce."
    (tmp_path / "en.yml").write_bytes((LOCALES / "en.yml").read_bytes())
    (tmp_path / "es.yml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    with pytest.raises(
        LocaleError, match=r"es\.yml: .*sentence\.known needs .*marks\.c is missing"
    ):
        load_locales(tmp_path)


def test_a_right_to_left_language_needs_only_its_file(tmp_path: Path) -> None:
    (tmp_path / "ar.yml").write_bytes((LOCALES / "en.yml").read_bytes())
    assert load_locale(tmp_path / "ar.yml").direction == "rtl"


def test_text_on_a_chart_keeps_its_own_direction() -> None:
    arabic = next(locale for locale in OTHERS if locale.code == "ar")
    assert arabic.on_a_chart("18–24 سنة") == "\u206718–24 سنة\u2069"
    assert EN.on_a_chart("18–24 years") == "18–24 years"


def test_an_unknown_key_is_an_error_that_names_the_file() -> None:
    with pytest.raises(LocaleError, match=r"locales/en\.yml: no text or value for home\.nothing"):
        EN.text("home.nothing")


def test_numbers_follow_the_language() -> None:
    assert EN.money(Decimal("12345.50"), "EUR") == "€12,346"
    assert ES.money(Decimal("12345.50"), "EUR") == "12.346\xa0€"
    assert EN.money(Decimal("12345.50"), None) == "12,346"
    assert ES.amount(Decimal("0.07"), "share") == "7\xa0%"
    assert EN.month("2024-12") == "December 2024"
    assert ES.period("2024Q4") == "el cuarto trimestre de 2024"
    arabic = next(locale for locale in OTHERS if locale.code == "ar")
    assert arabic.number(12345) == "12,345", "the digits that its methods page names"
    assert EN.period("2022-2024") == "2022–2024"


@pytest.mark.parametrize(("code", "split"), [("es", r"\b(de|a) el\b"), ("fr", r"\b(de|à) le\b")])
def test_an_article_of_a_quarter_is_not_left_beside_its_preposition(code: str, split: str) -> None:
    locale = next(one for one in load_locales() if one.code == code)
    texts = {key: text for key, text in locale.texts.items() if "{when}" in text}
    assert len(texts) > 20
    filled = {key: text.replace("{when}", locale.period("2024Q4")) for key, text in texts.items()}
    assert [key for key, text in filled.items() if re.search(split, text, re.IGNORECASE)] == []
