"""What synthetic survivors write in the survey, and the themes each sentence was written with.

Rule guarded: the sentences name nobody, so that the gate has nothing to refuse in them; the comment
that does is a planted defect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "es", "fr", "ro", "ar")
THEMES: Sequence[Sequence[str]] = (
    ["continuing_support"],
    ["interpretation_and_language"],
    ["waiting"],
    ["learning_and_work"],
    ["safety_and_respect", "waiting"],
)
"""Of the sentences that each language has, in their order."""
_SENTENCES: Mapping[str, Sequence[str]] = {
    "en": (
        "Please keep the evening sessions.",
        "The interpreter helped me a lot.",
        "Waiting for an answer is the hardest part.",
        "I would like to learn a trade.",
        "They spoke to me with respect, even when it took months.",
    ),
    "es": (
        "Por favor, mantengan las sesiones de la tarde.",
        "La intérprete me ayudó mucho.",
        "Esperar una respuesta es lo más difícil.",
        "Me gustaría aprender un oficio.",
        "Me hablaron con respeto, aunque tardaron meses.",
    ),
    "fr": (
        "Gardez les séances du soir, s’il vous plaît.",
        "L’interprète m’a beaucoup aidée.",
        "Attendre une réponse est le plus dur.",
        "Je voudrais apprendre un métier.",
        "On m’a parlé avec respect, même si cela a pris des mois.",
    ),
    "ro": (
        "Vă rog să păstrați ședințele de seară.",
        "Interpreta m-a ajutat mult.",
        "Așteptarea unui răspuns este cea mai grea.",
        "Aș vrea să învăț o meserie.",
        "Mi s-a vorbit cu respect, chiar dacă a durat luni de zile.",
    ),
    "ar": (
        "أرجو الإبقاء على جلسات المساء.",
        "ساعدتني المترجمة كثيرًا.",
        "انتظار الجواب هو أصعب ما في الأمر.",
        "أودّ أن أتعلّم مهنة.",
        "تحدّثوا معي باحترام مع أنّ الأمر استغرق شهورًا.",
    ),
}
SENTENCES = tuple(sentence for language in LANGUAGES for sentence in _SENTENCES[language])
"""All of them: the sentence ``n`` of the language at ``i`` is at ``i * len(THEMES) + n``."""


def themes_of(comment: str) -> Sequence[str]:
    """The themes with which a sentence was written; none for any other comment."""
    return THEMES[SENTENCES.index(comment) % len(THEMES)] if comment in SENTENCES else ()
