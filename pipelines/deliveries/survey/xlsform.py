"""The survey as an XLSForm workbook, for KoboToolbox and ODK.

Rule guarded: consent comes first and everything else depends on it; every question may be left
unanswered, in so many words; the form asks for nothing that identifies and records no time, place
or device. Questions are named as the columns of ``survey_responses``: an export needs no mapping.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from openpyxl import Workbook
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from pipelines.errors import Foreseen

INSTRUMENT = Path(__file__).with_name("instrument.yml")
SKIP = "prefer_not_to_say"
_CONSENTED = "${consent} = 'yes'"

Text = dict[str, str]


class InstrumentError(Foreseen, ValueError):
    """The instrument can't be used; the message names the file and the question."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(BaseModel):
    """One question: its name, its answer list (or integer, text) and its wording by language."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    list: str

    @property
    def text(self) -> Text:
        """Language → wording."""
        return {language: str(words) for language, words in (self.model_extra or {}).items()}


class Section(_Strict):
    """Questions asked together, under an optional note."""

    name: Literal["life", "work_and_justice", "about_you"]
    note: str | None = None
    items: list[Item]


class Instrument(_Strict):
    """The whole of ``instrument.yml``."""

    version: str
    form_id: str
    languages: Text
    title: Text
    prefilled: list[str]
    choices: dict[str, dict[str, Text]]
    skip: Text
    notes: dict[str, Text]
    consent: Text
    sections: list[Section]

    @property
    def items(self) -> list[Item]:
        """Every question but consent, in the order asked."""
        return [item for section in self.sections for item in section.items]

    @model_validator(mode="after")
    def _worded_in_every_language(self) -> Instrument:
        texts = {"title": self.title, "skip": self.skip, "consent": self.consent}
        texts |= {f"note {name}": text for name, text in self.notes.items()}
        texts |= {f"item {item.name}": item.text for item in self.items}
        for name, choices in self.choices.items():
            texts |= {f"choice {name}/{code}": text for code, text in choices.items()}
        wrong = [name for name, text in texts.items() if set(text) != set(self.languages)]
        if wrong:
            raise ValueError(f"not worded in exactly {sorted(self.languages)}: {wrong}")
        free = {"integer", "text"}
        if unknown := [i.name for i in self.items if i.list not in free | set(self.choices)]:
            raise ValueError(f"no such answer list: {unknown}")
        return self


def load_instrument(path: Path = INSTRUMENT) -> Instrument:
    """The instrument; InstrumentError names what is missing."""
    try:
        return Instrument.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InstrumentError(f"{path}: {error}") from error


def write_xlsform(instrument: Instrument, path: Path) -> None:
    """Write the workbook: sheets survey, choices and settings, as XLSForm names them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    labels = [f"label::{name} ({code})" for code, name in instrument.languages.items()]
    _sheet(book, "survey", ["type", "name", *labels, "required", "relevant", "constraint"],
           _survey_rows(instrument))  # fmt: skip
    _sheet(book, "choices", ["list_name", "name", *labels], _choice_rows(instrument))
    first_code, first_name = next(iter(instrument.languages.items()))
    _sheet(
        book,
        "settings",
        ["form_title", "form_id", "version", "default_language"],
        [[instrument.title[first_code], instrument.form_id, instrument.version,
          f"{first_name} ({first_code})"]],
    )  # fmt: skip
    book.save(path)


def _sheet(book: Workbook, name: str, header: list[str], rows: list[list[str]]) -> None:
    sheet = book.create_sheet(name)
    for row in [header, *rows]:
        sheet.append(row)


def _survey_rows(instrument: Instrument) -> list[list[str]]:
    def row(kind: str, name: str, text: Text | None = None, *more: str) -> list[str]:
        words = [text[code] if text else "" for code in instrument.languages]
        return [kind, name, *words, *more]

    rows = [row("hidden", name) for name in instrument.prefilled]
    rows.append(row("note", "introduction", instrument.notes["introduction"]))
    rows.append(row("select_one consent", "consent", instrument.consent, "yes"))
    for section in instrument.sections:
        rows.append(row("begin_group", section.name, None, "", _CONSENTED))
        if section.note:
            rows.append(row("note", f"{section.name}_note", instrument.notes[section.note]))
        for item in section.items:
            kind = item.list if item.list in ("integer", "text") else f"select_one {item.list}"
            limit = ". >= 1 and . <= 50" if kind == "integer" else ""
            rows.append(row(kind, item.name, item.text, "", "", limit))
        rows.append(row("end_group", section.name))
    return [*rows, row("note", "thanks", instrument.notes["thanks"])]


def _choice_rows(instrument: Instrument) -> list[list[str]]:
    return [
        [name, code, *(text[language] for language in instrument.languages)]
        for name, choices in instrument.choices.items()
        for code, text in {
            **choices,
            **({} if name == "consent" else {SKIP: instrument.skip}),
        }.items()
    ]
