"""The portal speaks every language whole; the site's words stand in where it lacks one."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboards.portal.words import load_words

WORDS = load_words()


def test_four_languages_are_whole_and_english_is_first() -> None:
    assert list(WORDS) == ["en", "ar", "es", "fr"]


def test_arabic_runs_from_right_to_left() -> None:
    assert {code: words.own.direction for code, words in WORDS.items()} == {
        "en": "ltr",
        "ar": "rtl",
        "es": "ltr",
        "fr": "ltr",
    }


@pytest.mark.parametrize(
    ("code", "said"), [("en", "February 17, 2025"), ("es", "17 de febrero de 2025")]
)
def test_days_are_written_as_the_language_writes_them(code: str, said: str) -> None:
    assert WORDS[code].day(dt.date(2025, 2, 17)) == said


def test_what_people_write_is_escaped_and_keeps_its_direction() -> None:
    said = WORDS["ar"].said("<b>no</b>", "en")
    assert said == '<span lang="en" dir="auto">&lt;b&gt;no&lt;/b&gt;</span>'
