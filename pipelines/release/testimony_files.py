"""testimony.csv, quotations.csv and methodology/themes.json: what was said, by theme, and in words.

The rule: the files follow ``pipelines.testimony.counts`` and hold nothing else of a comment. They
are written where a country has coded comments; ``testimony_problems`` holds a folder to the rule.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipelines.disclosure.earlier import HELD
from pipelines.release.columns import SDMX_STATUS, Column
from pipelines.release.manifest import json_bytes
from pipelines.release.reading import ReadingError
from pipelines.release.write_csv import inert
from pipelines.testimony.codebook import load_codebook
from pipelines.testimony.counts import Row, publish, quotable
from pipelines.testimony.gather import Quotation, Testimony

TESTIMONY, QUOTATIONS = "testimony.csv", "quotations.csv"
THEMES = "methodology/themes.json"
TESTIMONY_FILES = (TESTIMONY, QUOTATIONS, THEMES)

COUNT_COLUMNS = (
    Column("country", "string", "varchar", "ISO 3166-1 alpha-2 code"),
    Column("period", "string", "varchar", "Year in which the survey's waves closed"),
    Column("theme", "string", "varchar", "Theme; methodology/themes.json says it"),
    Column("comments", "integer", "integer", "Comments that a person coded with the theme"),
    Column("coded", "integer", "integer", "Comments of the year that a person coded, in all"),
    Column("mark", "string", "varchar", "c confidential; empty where the count is shown", ("c",)),
    Column("obs_status", "string", "varchar", "SDMX CL_OBS_STATUS code", ("A", "Q")),
    Column("conf_status", "string", "varchar", "SDMX CL_CONF_STATUS code", ("F", "C")),
    Column("caveats", "string", "varchar", "held_until_revision: repeated from an earlier release"),
)
QUOTATION_COLUMNS = (
    Column("quotation_id", "string", "varchar", "Name of the quotation, to ask for its withdrawal"),
    Column("country", "string", "varchar", "ISO 3166-1 alpha-2 code"),
    Column("period", "string", "varchar", "Year in which the survey's wave closed"),
    Column("theme", "string", "varchar", "Theme; methodology/themes.json says it"),
    Column("language", "string", "varchar", "Language of the words (ISO 639)"),
    Column("words", "string", "varchar", "Words of the comment; … where something was left out"),
)
KEYS = {TESTIMONY: ["country", "period", "theme"], QUOTATIONS: ["quotation_id"]}
COLUMNS_OF = {TESTIMONY: COUNT_COLUMNS, QUOTATIONS: QUOTATION_COLUMNS}


def write_testimony(
    testimony: Testimony, country: str, threshold: int, earlier: Sequence[Path], folder: Path
) -> None:
    """Write the files into ``folder``; none where no comment was coded.

    ``earlier`` are the folders of the country's past releases, in order.
    """
    rows = publish(testimony.counts, threshold, [read_counts(one) for one in earlier])
    if not rows:
        return
    _write_counts(folder / TESTIMONY, country, rows)
    _write_quotations(folder / QUOTATIONS, country, quotable(testimony.quotations, rows))
    themes = [theme.model_dump(mode="json") for theme in load_codebook().values()]
    (folder / THEMES).write_bytes(json_bytes(themes))


def read_counts(folder: Path) -> list[Row]:
    """The rows of a folder's testimony.csv; none where it has no such file."""
    return [
        Row(
            line["period"],
            line["theme"],
            int(line["comments"]) if line["comments"] else None,
            int(line["coded"]) if line["coded"] else None,
            line["caveats"],
        )
        for line in _lines(folder / TESTIMONY)
    ]


def read_quotations(folder: Path) -> list[Quotation]:
    """The quotations of a folder; none where it has no such file."""
    return [
        Quotation(
            line["quotation_id"],
            line["period"],
            line["theme"],
            line["language"],
            line["words"][1:] if inert(line["words"][1:]) == line["words"] else line["words"],
        )
        for line in _lines(folder / QUOTATIONS)
    ]


def read_themes(folder: Path) -> list[dict[str, object]]:
    """The codebook as the folder has it."""
    path = folder / THEMES
    found: list[dict[str, object]] = json.loads(path.read_bytes()) if path.is_file() else []
    return found


def testimony_problems(folder: Path, country: str, threshold: int, again: Path) -> list[str]:
    """Names of the three files that are not as the rule has it; ``again`` is a folder to write in.

    A count that was printed must have its t and its rest 0 or t; words need a printed count.
    """
    there = [name for name in TESTIMONY_FILES if (folder / name).exists()]
    if not there:
        return []
    rows, quotations = read_counts(folder), read_quotations(folder)
    _write_counts(again / TESTIMONY, country, rows)
    _write_quotations(again / QUOTATIONS, country, quotable(quotations, rows))
    wrong = [
        name
        for name in (TESTIMONY, QUOTATIONS)
        if name not in there or (folder / name).read_bytes() != (again / name).read_bytes()
    ]
    if any(_too_small(row, threshold) for row in rows) and TESTIMONY not in wrong:
        wrong.append(TESTIMONY)
    themes = {theme["id"] for theme in read_themes(folder)}
    if not {row.theme for row in rows} <= themes:
        wrong.append(THEMES)
    return wrong


def _too_small(row: Row, threshold: int) -> bool:
    if row.coded is not None and row.coded < threshold:
        return True
    if row.comments is None:
        return False
    if row.coded is None or row.caveats not in ("", HELD):
        return True
    return any(
        part < 0 or 0 < part < threshold for part in (row.comments, row.coded - row.comments)
    )


def _write_counts(path: Path, country: str, rows: Iterable[Row]) -> None:
    lines = (
        (
            country,
            row.period,
            row.theme,
            "" if row.comments is None else str(row.comments),
            "" if row.coded is None else str(row.coded),
            row.mark,
            *SDMX_STATUS[row.mark],
            row.caveats,
        )
        for row in rows
    )
    _write(path, COUNT_COLUMNS, lines)


def _write_quotations(path: Path, country: str, quotations: Iterable[Quotation]) -> None:
    lines = (
        (one.id, country, one.period, one.theme, one.language, inert(one.words))
        for one in quotations
    )
    _write(path, QUOTATION_COLUMNS, lines)


def _write(path: Path, columns: Sequence[Column], lines: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in columns)
        writer.writerows(lines)


def _lines(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    expected = [column.name for column in COLUMNS_OF[path.name]]
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != expected:
            raise ReadingError(f"{path}, line 1: the columns are not {', '.join(expected)}")
        return list(reader)
