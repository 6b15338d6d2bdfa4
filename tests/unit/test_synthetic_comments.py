"""Sentences of the synthetic survey: they may be quoted, and their themes are the codebook's."""

from __future__ import annotations

import pytest

from pipelines.synthetic.comments import LANGUAGES, SENTENCES, THEMES, themes_of
from pipelines.testimony import quoting
from pipelines.testimony.codebook import load_codebook


def test_every_language_has_a_sentence_of_each_set_of_themes() -> None:
    assert len(set(SENTENCES)) == len(LANGUAGES) * len(THEMES)
    assert {theme for themes in THEMES for theme in themes} == set(load_codebook())


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_may_be_quoted(sentence: str) -> None:
    quoting.check(sentence, "yes", sentence, "ro")


def test_a_sentence_knows_its_themes_and_no_other_comment_has_any() -> None:
    second_of_the_third_language = SENTENCES[2 * len(THEMES) + 1]
    assert themes_of(second_of_the_third_language) == ["interpretation_and_language"]
    assert themes_of("Something else.") == ()
