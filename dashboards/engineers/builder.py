"""Pages for data engineers, built from the records of a home.

Rules: only records are read (register, results of checks, drift verdicts, tombstones, ledger, dbt's
manifest), which hold no row of a person; never the landing area, the quarantine's rows or the
warehouse. A page holds no script and asks no other host. The pages are for this machine: nothing
here is published.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.engineers.arrivals import arrivals_page, quarantine_page
from dashboards.engineers.checks import Findings, checks_page, download_name, read_findings
from dashboards.engineers.lineage import lineage_page
from dashboards.engineers.overview import overview_page
from dashboards.engineers.parts import Cell, Page
from dashboards.engineers.past import past_page
from dashboards.site import builder as site
from dashboards.site.locale import LOCALES, SOURCE_LANGUAGE, load_locale
from pipelines.deliveries import (
    Register,
    count_deliveries,
    describe_corrections,
    describe_vintages,
)
from pipelines.deliveries.tombstones import all_tombstones
from pipelines.paths import DBT_MANIFEST, Home

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Built:
    """Where the first page is, and how many there are."""

    index: Path
    pages: int


def build_pages(home: Home, manifest: Path = DBT_MANIFEST) -> Built:
    """Build the engineers' pages of a home into ``<home>/engineers``, replacing those there.

    The lineage page says so where dbt's ``manifest`` is not there yet.
    """
    found = read_findings(home, describe_corrections(home))
    pages = _pages(home, manifest, found)
    out = home.engineers
    building = out.with_name(f"{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    (building / "assets").mkdir(parents=True)
    for style in (site.HERE / "styles" / "site.css", HERE / "styles" / "engineers.css"):
        shutil.copyfile(style, building / "assets" / style.name)
    template = _templates().get_template("page.html.j2")
    for page in pages:
        html = template.render(page=page, pages=pages)
        (building / page.name).write_text(html, encoding="utf-8", newline="\n")
        for drawing in (section.drawing for section in page.sections if section.drawing):
            (building / drawing.file).write_text(drawing.svg, encoding="utf-8", newline="\n")
    for report in found.reports:
        shutil.copyfile(report, building / download_name(report))
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return Built(out / "index.html", len(pages))


def _pages(home: Home, manifest: Path, found: Findings) -> list[Page]:
    known = Register(home).records
    records = list(known.values())
    tombstones = all_tombstones(home)
    return [
        overview_page(home, records, found, tombstones, count_deliveries(home)),
        arrivals_page(records),
        quarantine_page(records),
        checks_page(home, found, known),
        lineage_page(manifest),
        past_page(home, describe_vintages(home), tombstones),
    ]


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    return environment


_ENGLISH = load_locale(LOCALES / f"{SOURCE_LANGUAGE}.yml")


def _shown(cell: Cell) -> str:
    """A cell as text: numbers as English writes them, a dash for nothing."""
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, float):
        return f"{cell:.3f}".rstrip("0").rstrip(".")
    return _ENGLISH.number(cell) if isinstance(cell, int) else cell
