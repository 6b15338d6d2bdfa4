"""Static pages from candidate folders: every language, every indicator, every download.

Rules: the same candidates give the same bytes. The site is built beside its place and put there
whole, so a reader never meets half a site. A page holds no script and asks no other host.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboards.site.downloads import write_downloads
from dashboards.site.edition import Edition, read_editions
from dashboards.site.figure_parts import Part, Parts
from dashboards.site.layout import STYLE, Page, chart_file, indicator_page
from dashboards.site.locale import SOURCE_LANGUAGE, Locale, load_locales
from dashboards.site.page_texts import PageTexts
from dashboards.site.policies import policies
from dashboards.site.selection import Selection
from dashboards.site.sentences import headline
from dashboards.site.testimony import spoken_of, years
from pipelines.release.columns import SDMX_STATUS
from pipelines.release.manifest import MANIFEST, SIGNATURE
from pipelines.release.reading import read_policy_impact

HERE = Path(__file__).resolve().parent
Progress = Callable[[str], None]


@dataclass(frozen=True)
class SiteSummary:
    """What was built: where, and how many pages, charts, languages and indicators."""

    index: Path
    languages: tuple[str, ...]
    editions: int
    indicators: int
    pages: int
    charts: int


def build_site(
    candidates: Sequence[Path], out: Path, on_progress: Progress | None = None
) -> SiteSummary:
    """Build the site of one or more candidate folders into ``out``, replacing what is there.

    ``on_progress`` is told the name of each page's indicator and language. Raises ValueError when
    there is no candidate, ReadingError for a folder that is not one, LocaleError for a language
    that is not complete.
    """
    if not candidates:
        raise ValueError("no candidate folder was given: build one first, or name its folder")
    editions, locales = read_editions(candidates), load_locales()
    building = out.with_name(f"{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    site = _Site(building, editions, locales, on_progress or (lambda _: None))
    site.write()
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return SiteSummary(
        index=out / "index.html",
        languages=tuple(locale.code for locale in locales),
        editions=len(editions),
        indicators=sum(len(edition.candidate.indicators) for edition in editions),
        pages=site.pages,
        charts=site.charts,
    )


class _Site:
    """Writes the files of one build below ``root``."""

    def __init__(
        self, root: Path, editions: list[Edition], locales: list[Locale], progress: Progress
    ) -> None:
        self.root, self.editions, self.locales = root, editions, locales
        self.progress = progress
        self.pages = self.charts = 0
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self) -> None:
        self._file(STYLE.as_posix(), (HERE / "styles" / "site.css").read_text(encoding="utf-8"))
        for edition in self.editions:
            write_downloads(edition, self.root)
            selections = {
                name: Selection(indicator, edition.candidate.of(name))
                for name, indicator in edition.candidate.indicators.items()
            }
            for locale in self.locales:
                self._edition(edition, locale, selections)
        if not any(edition.place.parts == () for edition in self.editions):
            for locale in self.locales:
                self._page(Page(None, locale, "index.html"), "countries.html.j2")

    def _edition(self, edition: Edition, locale: Locale, selections: dict[str, Selection]) -> None:
        sentences = {
            name: headline(selection, locale, edition.currency)
            for name, selection in selections.items()
        }
        for name in ("index", "methods", "data", "about"):
            page = Page(edition, locale, f"{name}.html")
            self._page(page, f"{name}.html.j2", sentences=sentences, selections=selections)
        self._page(
            Page(edition, locale, "context.html"),
            "context.html.j2",
            policies=policies(read_policy_impact(edition.folder), locale),
            indicator_page=indicator_page,
        )
        self._page(
            Page(edition, locale, "words.html"),
            "words.html.j2",
            years=years(edition.folder, locale),
            indicator_page=indicator_page,
        )
        spoken = spoken_of(edition.folder)
        for name, selection in selections.items():
            self.progress(f"{name} ({locale.code})")
            self._indicator(edition, locale, selection, sentences[name], name in spoken)

    def _indicator(
        self,
        edition: Edition,
        locale: Locale,
        selection: Selection,
        sentence: Markup,
        has_words: bool,
    ) -> None:
        indicator = selection.indicator
        parts = Parts(selection, locale)
        made = (parts.trend(), parts.curve(), parts.measures(), parts.of_previous())
        single = [part for part in made if part]
        groups = list(parts.breakdowns())
        sources = {
            part.name: self._chart(edition, locale, indicator.id, part)
            for part in [*single, *groups]
        }
        self._page(
            Page(edition, locale, indicator_page(indicator.id)),
            "indicator.html.j2",
            indicator=indicator,
            selection=selection,
            has_words=has_words,
            sentence=sentence,
            parts=single,
            groups=groups,
            charts=sources,
        )

    def _chart(
        self, edition: Edition, locale: Locale, indicator: str, part: Part
    ) -> tuple[str, str]:
        """Write a chart's files; returns their paths below the root, wide and narrow."""
        wide = chart_file(edition, locale, indicator, part.name)
        self._file(wide.as_posix(), part.svg)
        self.charts += 1
        if part.svg_narrow is None:
            return wide.as_posix(), ""
        narrow = chart_file(edition, locale, indicator, f"{part.name}-narrow")
        self._file(narrow.as_posix(), part.svg_narrow)
        self.charts += 1
        return wide.as_posix(), narrow.as_posix()

    def _page(self, page: Page, template: str, **context: object) -> None:
        texts = PageTexts(page)
        html = self.templates.get_template(template).render(
            page=page,
            t=page.locale.text,
            locale=page.locale,
            locales=self.locales,
            source_language=SOURCE_LANGUAGE,
            edition=page.edition,
            editions=self.editions,
            texts=texts,
            style=page.link(STYLE),
            sdmx=SDMX_STATUS,
            signature_files=(MANIFEST, SIGNATURE),
            **context,
        )
        self._file(page.path.as_posix(), html)
        self.pages += 1

    def _file(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
