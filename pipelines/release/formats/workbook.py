"""indicators.xlsx: the table for people who work in a spreadsheet, screen reader included.

The rule follows the UK Government Analysis Function's guidance on accessible spreadsheets: a cover,
contents and notes; one table a sheet, marked up as a table, under its title; no merged cells, no
empty cell in a table, nothing said by colour alone. No text can run as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.registry import Indicator
from pipelines.release.columns import CLEAR_COLUMNS, COLUMNS
from pipelines.release.formats.wording import MARKS, NOTES, SYNTHETIC, title_of
from pipelines.release.reading import Candidate, Figure

NOT_GIVEN = "[z]"
"""What stands in a numeric cell whose method gives no such number: it is not a hidden zero."""

_HEADINGS = [column.name for column in COLUMNS]
_WIDTH = 16
_WIDE = {"indicator_id": 36, "category": 22, "caveats": 60}


def write_workbook(candidate: Candidate, path: Path) -> None:
    """Write the workbook: cover, contents, notes, then a sheet for each indicator with figures."""
    sheets = {
        indicator: f"{number:02d} {indicator}"[:31]
        for number, indicator in enumerate(
            sorted({figure.indicator_id for figure in candidate.figures}), start=1
        )
    }
    with xlsxwriter.Workbook(path) as book:
        status = candidate.status
        year, month = map(int, status.cutoff.split("-"))
        book.set_properties(
            {
                "title": title_of(candidate),
                "author": status.publisher,
                "comments": SYNTHETIC if status.synthetic else "",
                "created": datetime(year, month, 1),
            }
        )
        book.set_custom_property("vintage", status.vintage)
        heading = book.add_format({"bold": True, "font_size": 16})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _cover(book.add_worksheet("Cover"), candidate, heading, wrapped)
        _contents(book.add_worksheet("Contents"), candidate, sheets, heading)
        _notes(book.add_worksheet("Notes"), candidate, heading, wrapped)
        for number, (indicator, name) in enumerate(sheets.items(), start=1):
            sheet = book.add_worksheet(name)
            _titled(sheet, candidate.indicators[indicator].title, heading)
            _figures(sheet, candidate.indicators[indicator], candidate.of(indicator), number)


def _cover(sheet: Worksheet, candidate: Candidate, heading: Format, wrapped: Format) -> None:
    status = candidate.status
    lines = [
        *([SYNTHETIC] if status.synthetic else []),
        status.reason,
        f"Published by {status.publisher}. Questions: {status.contact}",
        f"Data to {status.cutoff}. Vintage {status.vintage}.",
        *NOTES,
        "How to check that nothing was changed: observatory verify FOLDER, with the public key.",
        "Licence: Creative Commons Attribution 4.0.",
    ]
    sheet.set_column(0, 0, 100)
    _titled(sheet, title_of(candidate), heading)
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, wrapped)


def _contents(
    sheet: Worksheet, candidate: Candidate, sheets: dict[str, str], heading: Format
) -> None:
    _titled(sheet, "Contents", heading)
    sheet.set_column(0, 1, 50)
    _table(
        sheet,
        "contents",
        ["Sheet", "Indicator"],
        [[name, candidate.indicators[one].title] for one, name in sheets.items()],
        first_row=1,
    )
    for row, name in enumerate(sheets.values(), start=2):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=name)


def _notes(sheet: Worksheet, candidate: Candidate, heading: Format, wrapped: Format) -> None:
    _titled(sheet, "Notes: marks, columns and caveats", heading)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100, wrapped)
    rows = [
        *([f"[{mark}]", text] for mark, text in MARKS.items()),
        *([column.name, column.meaning] for column in COLUMNS),
        *([caveat, text] for caveat, text in sorted(candidate.caveats.items())),
    ]
    _table(sheet, "notes", ["What", "Meaning"], rows, first_row=1)


def _figures(sheet: Worksheet, indicator: Indicator, figures: list[Figure], number: int) -> None:
    sheet.write_string(1, 0, indicator.explanation)
    sheet.write_string(2, 0, "Marks such as [c] are explained on the sheet Notes.")
    for place, name in enumerate(_HEADINGS):
        sheet.set_column(place, place, _WIDE.get(name, _WIDTH))
    _table(sheet, f"figures_{number:02d}", _HEADINGS, map(_cells, figures), first_row=3)
    sheet.freeze_panes(4, 1)


def _titled(sheet: Worksheet, title: str, heading: Format) -> None:
    sheet.write_string(0, 0, title, heading)
    sheet.hide_gridlines(2)


def _cells(figure: Figure) -> list[str | float]:
    return [_cell(figure, name) for name in _HEADINGS]


def _cell(figure: Figure, name: str) -> str | float:
    value = getattr(figure, name)
    if name == "caveats":
        return ";".join(value) or "none"
    if name in CLEAR_COLUMNS and value is None:
        return f"[{figure.mark}]" if figure.mark else NOT_GIVEN
    if isinstance(value, str):
        return value or "none"
    return "none" if value is None else float(value)


def _table(
    sheet: Worksheet,
    name: str,
    headings: list[str],
    rows: Iterable[Sequence[str | float]],
    first_row: int,
) -> None:
    content = list(rows)
    sheet.add_table(
        first_row,
        0,
        first_row + max(len(content), 1),
        len(headings) - 1,
        {
            "name": name,
            "columns": [{"header": heading} for heading in headings],
            "autofilter": False,
            "style": "Table Style Light 1",
        },
    )
    for row, cells in enumerate(content, start=first_row + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            else:
                sheet.write_number(row, column, cell)
