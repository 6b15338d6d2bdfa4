"""The words of a page: the portal's own, beside the site's, which say what a figure means.

The rule: one language file a language here too (``dashboards.site.locale``); where the site does
not speak a language yet, figures are explained in English and marked so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from babel.dates import format_date
from markupsafe import Markup

from dashboards.site.locale import SOURCE_LANGUAGE, Locale, load_locales

LOCALES = Path(__file__).resolve().parent / "locales"


@dataclass(frozen=True)
class Words:
    """One language: ``own`` has the portal's texts, ``site`` those of the public pages."""

    own: Locale
    site: Locale

    @property
    def code(self) -> str:
        """The language's code."""
        return self.own.code

    def day(self, day: dt.date) -> str:
        """A day in words."""
        return str(format_date(day, "long", locale=self.code))

    def said(self, text: str, language: str) -> Markup:
        """What somebody wrote, marked with the language they wrote it in."""
        return Markup('<span lang="{}" dir="auto">{}</span>').format(language, text)


def load_words() -> dict[str, Words]:
    """Every language of the portal by code, English first."""
    site = {locale.code: locale for locale in load_locales()}
    return {
        own.code: Words(own, site.get(own.code, site[SOURCE_LANGUAGE]))
        for own in load_locales(LOCALES)
    }
