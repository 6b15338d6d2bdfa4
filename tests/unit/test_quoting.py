"""What may be quoted: the writer's words, with consent, that name nobody."""

from __future__ import annotations

import pytest

from pipelines.testimony.quoting import check, holds_identifier, is_part
from pipelines.testimony.register import TestimonyError

SAID = "I was unsafe. The interpreter helped me a lot, and nobody asked twice (really)."


@pytest.mark.parametrize(
    "words",
    [
        SAID,
        "The interpreter helped me a lot",
        "I was unsafe. … nobody asked twice",
        "… nobody asked twice (really).",
        "The interpreter […] asked twice",
    ],
)
def test_a_part_of_the_comment_may_be_quoted(words: str) -> None:
    assert is_part(SAID, words)


@pytest.mark.parametrize(
    "words",
    [
        "safe",  # half a word turns it round
        "the interpreter helped me",
        "nobody asked twice … I was unsafe",
        "The interpreter nobody",
        "…",
        "",
    ],
)
def test_other_words_another_order_or_half_a_word_may_not(words: str) -> None:
    assert not is_part(SAID, words)


def test_a_comment_in_arabic_is_cut_between_words() -> None:
    assert is_part("ساعدتني المترجمة كثيرًا", "ساعدتني المترجمة")
    assert not is_part("ساعدتني المترجمة كثيرًا", "ساعدت")


@pytest.mark.parametrize(
    ("comment", "half"),
    [
        ("I can't sleep", "I can"),
        ("I don’t feel safe", "I don"),
        ("It was non-violent", "violent"),
        ("Je n'ai pas dormi", "ai pas dormi"),
        ("ساعدَتني المترجمة", "ساعد"),
        ("de\u0301tenue", "de"),
    ],
)
def test_a_word_is_whole_with_its_marks_and_apostrophes(comment: str, half: str) -> None:
    assert not is_part(comment, half)


@pytest.mark.parametrize("words", ["he said 'yes'", "yes", "can't", "later one"])
def test_quotation_marks_and_a_later_whole_word_are_no_hindrance(words: str) -> None:
    assert is_part("I can't, he said 'yes' - relater one, later one", words)


@pytest.mark.parametrize("words", ["Maria … Lopez", "+34 612 … 345 678"])
def test_what_is_left_out_does_not_hide_a_name_or_a_number(words: str) -> None:
    comment = "Call Maria or Ana Lopez on +34 612 00 345 678"
    with pytest.raises(TestimonyError, match="named somebody"):
        check(comment, "yes", words, "en")


@pytest.mark.parametrize("consent", ["no", "unknown"])
def test_without_consent_nothing_is_quoted(consent: str) -> None:
    with pytest.raises(TestimonyError, match="nothing of it may be quoted"):
        check(SAID, consent, SAID, "en")


def test_an_identifier_or_a_name_is_refused_without_repeating_it() -> None:
    for words in ("Call me on +34 612 345 678", "It was Maria Lopez who helped"):
        assert holds_identifier(words)
        with pytest.raises(TestimonyError, match="named somebody") as caught:
            check(words, "yes", words, "en")
        assert words not in str(caught.value)
    assert not holds_identifier(SAID)
    assert not holds_identifier("ساعدتني المترجمة كثيرًا")


@pytest.mark.parametrize("language", ["", "English", "es_ES", 'es" onclick="x'])
def test_words_come_in_a_language_that_a_screen_reader_knows(language: str) -> None:
    with pytest.raises(TestimonyError, match="give its code"):
        check(SAID, "yes", SAID, language)
