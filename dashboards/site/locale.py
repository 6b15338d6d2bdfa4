"""One locale file is one language: every text, label and pattern of the site is in it.

Rule: a page prints no word that is not in the locale file or the candidate. Texts are ours and may
hold markup; the values put into them are escaped. What a candidate says in English only is shown
in English and marked ``lang="en"``, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter

import yaml
from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup

from pipelines.errors import Foreseen
from pipelines.periods import month_number

LOCALES = Path(__file__).resolve().parent / "locales"
SOURCE_LANGUAGE = "en"
_FROM_THE_CANDIDATE = ("indicators.", "caveats.")
_GROWING = ("paragraphs.", "units.", "unit_names.", "events.")
_FALLS_BACK = (*_FROM_THE_CANDIDATE, *_GROWING)
"""Texts that grow with the indicators: shown in English, and marked so, until translated."""
_ISOLATE_RIGHT_TO_LEFT, _END_ISOLATE = "\u2067", "\u2069"


class LocaleError(Foreseen, ValueError):
    """A locale file that lacks a text or breaks a placeholder; the message names file and key."""


@dataclass(frozen=True)
class Locale:
    """The texts and the number patterns of one language."""

    code: str
    name: str
    direction: str
    texts: dict[str, str]
    english: Mapping[str, str] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """Whether the language has a text of its own for this key."""
        return key in self.texts

    def text(self, key: str, **values: object) -> Markup:
        """The text of a dotted key with its values put in, escaped; LocaleError if missing.

        A text that this language may lack is the English one, marked as English.
        """
        if key not in self.texts and key in self.english:
            said = Markup(self.english[key]).format(**values)  # noqa: S704 - our own text
            return Markup('<span lang="en" dir="ltr">{}</span>').format(said)
        try:
            return Markup(self.texts[key]).format(**values)  # noqa: S704 - our own text
        except KeyError as error:
            raise LocaleError(
                f"locales/{self.code}.yml: no text or value for {key}: {error}"
            ) from error

    def plain(self, key: str, **values: object) -> str:
        """The same as words alone, for charts and attributes."""
        return self.text(key, **values).striptags()

    def label(self, group: str, code: str) -> str:
        """The label of a code (``categories.sex``, ``female``); the code itself if it has none."""
        key = f"{group}.{code}"
        return self.texts.get(key) or self.english.get(key) or code.replace("_", " ")

    def order(self, group: str) -> list[str]:
        """The codes of a group in the order of the locale file: the order on pages."""
        start = f"{group}."
        return [key.removeprefix(start) for key in self.texts if key.startswith(start)]

    def of_candidate(self, key: str, english: str, **values: object) -> Markup:
        """A text the candidate gives in English: translated if this language has it."""
        if key in self.texts:
            return self.text(key, **values)
        if self.code == SOURCE_LANGUAGE:
            return Markup("{}").format(english)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(english)

    def number(self, value: Decimal | int) -> str:
        """A count or a quantity, grouped as the language groups."""
        return str(format_decimal(value, locale=self.code))

    def money(self, value: Decimal, currency: str | None) -> str:
        """An amount in whole units; a bare number where the currency is not known."""
        if not currency:
            return self.number(round(value))
        pattern = BabelLocale.parse(self.code).currency_formats["standard"].pattern
        whole = pattern.replace(".00", "")
        return str(format_currency(value, currency, whole, self.code, currency_digits=False))

    def amount(self, value: Decimal, unit: str) -> str:
        """An estimate in its unit: a share as per cent, months, or the unit's own label."""
        if unit == "share":
            return str(format_percent(value, locale=self.code))
        if unit == "share_difference":
            value = 100 * value
        number = str(format_decimal(value, format="#,##0.##", locale=self.code))
        key = f"units.{unit}"
        known = self.has(key) or key in self.english
        return self.plain(key, number=number) if known else number

    def on_a_chart(self, label: str) -> str:
        """A label for a drawing, which has no direction of its own: set apart if right to left.

        Charts are read from left to right in every language, as their scales are.
        """
        if self.direction == "ltr":
            return label
        return f"{_ISOLATE_RIGHT_TO_LEFT}{label}{_END_ISOLATE}"

    @property
    def percent_suffix(self) -> str:
        """What follows a number that is a per cent: ``%``, or a no-break space and ``%``."""
        return str(format_percent(1, locale=self.code)).removeprefix("100")

    def period(self, text: str) -> str:
        """A period in words, to stand after “in”."""
        if quarter := re.fullmatch(r"(\d{4})Q([1-4])", text):
            return self.plain(f"period.quarter_{quarter[2]}", year=quarter[1])
        return text.replace("-", "–")

    def short_period(self, text: str) -> str:
        """A period for a table row or an axis."""
        if quarter := re.fullmatch(r"(\d{4})Q([1-4])", text):
            return self.plain("period.short_quarter", year=quarter[1], number=quarter[2])
        return text.replace("-", "–")

    def month(self, text: str) -> str:
        """A ``YYYY-MM`` month in words."""
        number = month_number(text)
        first = date(number // 12, number % 12 + 1, 1)
        return str(format_skeleton("yMMMM", first, locale=self.code))


def load_locale(path: Path) -> Locale:
    """Read one locale file; LocaleError when it is not a language Babel knows."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    code = path.stem
    try:
        known = BabelLocale.parse(code)
    except (UnknownLocaleError, ValueError) as error:
        raise LocaleError(f"{path}: {code!r} is not a language code: {error}") from error
    return Locale(code, content["language"], known.text_direction, dict(_flat(content, "")))


def load_locales(folder: Path = LOCALES) -> list[Locale]:
    """Every language, English first; LocaleError where one is not complete."""
    locales = [load_locale(path) for path in sorted(folder.glob("*.yml"))]
    locales.sort(key=lambda locale: (locale.code != SOURCE_LANGUAGE, locale.code))
    source, *others = locales
    for other in others:
        if problems := differences(source, other):
            raise LocaleError(f"{folder / other.code}.yml: " + "; ".join(problems))
    english = {key: text for key, text in source.texts.items() if key.startswith(_GROWING)}
    return [source, *(replace(other, english=english) for other in others)]


def differences(source: Locale, other: Locale) -> list[str]:
    """Keys that ``other`` lacks or has to no use, and texts whose placeholders differ.

    What candidates say in English (``indicators.…``, ``caveats.…``) and what grows with the
    indicators may be missing: it falls back, an indicator's own sentence to the general one.
    """
    problems = []
    for key, text in source.texts.items():
        if key not in other.texts:
            if not key.startswith(_FALLS_BACK):
                problems.append(f"{key} is missing")
        elif _placeholders(text) != _placeholders(other.texts[key]):
            problems.append(f"{key} needs the placeholders {sorted(_placeholders(text))}")
    problems += [
        f"{key} is not a key of {source.code}.yml"
        for key in other.texts
        if key not in source.texts and not key.startswith(_FROM_THE_CANDIDATE)
    ]
    return problems


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _flat(node: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in node.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(value)))
    return pairs
