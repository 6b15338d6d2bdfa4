"""Words that templates ask for: a candidate's texts in a page's language, and links to its files.

Rule: a template holds structure, this module chooses words, the locale file has them.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from markupsafe import Markup

from dashboards.site.edition import Edition, SignedFile
from dashboards.site.layout import Page, archive_file, data_file, indicator_csv, indicator_page
from dashboards.site.selection import Selection
from dashboards.site.sentences import measure_label
from dashboards.site.tables import Table
from pipelines.registry import Indicator

MARKS = ("c", "x", "u", "h", "z")


class PageTexts:
    """The words and links of one page."""

    def __init__(self, page: Page) -> None:
        """Texts in the language of ``page``, links relative to it."""
        self._page = page
        self._locale = page.locale

    def of(self, indicator: Indicator, field: str) -> Markup:
        """An indicator's ``title``, ``explanation`` or ``definition`` in the page's language."""
        english = (
            indicator.population.definition
            if field == "definition"
            else str(getattr(indicator, field))
        )
        return self._locale.of_candidate(f"indicators.{indicator.id}.{field}", english)

    def title(self, indicator: Indicator) -> str:
        """The title without markup, for the document's title."""
        return str(self.of(indicator, "title").striptags())

    def measure(self, indicator: Indicator, measure: str) -> Markup:
        """The label of one of an indicator's measures."""
        return measure_label(indicator, measure, self._locale)

    def caveats(self, selection: Selection) -> list[Markup]:
        """The caveats of an indicator and of its leading row, each once, in order."""
        edition = self._edition
        anchor = selection.lead or selection.newest
        ids = [*selection.indicator.caveats, *(anchor.row.caveats if anchor else ())]
        return [
            self._caveat(name, edition.candidate.caveats.get(name, name))
            for name in dict.fromkeys(ids)
        ]

    def _caveat(self, name: str, english: str) -> Markup:
        """A caveat; those of deliveries are ``kind:provider`` or ``kind:provider:field``."""
        kind, provider, field = [*name.split(":", 2), "", ""][:3]
        return self._locale.of_candidate(f"caveats.{kind}", english, provider=provider, field=field)

    def freshness(self) -> Table:
        """How late each provider is, from status.json."""
        locale = self._locale
        fields = ("months_behind", "delay_months", "usual_delay_months")
        headers = ("provider", "source", "last_period", *fields)
        return Table(
            caption=locale.text("data.freshness_caption"),
            headers=tuple(locale.plain(f"data.{header}") for header in headers),
            rows=tuple(
                (
                    Markup("<code>{}</code>").format(entry.provider),
                    locale.label("sources", entry.source),
                    locale.short_period(entry.last_period),
                    *(
                        locale.text("table.empty")
                        if (months := getattr(entry, field)) is None
                        else locale.number(months)
                        for field in fields
                    ),
                )
                for entry in self._edition.candidate.status.freshness
            ),
        )

    def events(self, indicator: Indicator) -> str:
        """The competing events in words."""
        return ", ".join(self._locale.label("events", event) for event in indicator.competing)

    def paragraph(self, number: int) -> Markup:
        """Our one-line paraphrase of a paragraph of the report."""
        key = f"paragraphs.{number}"
        known = self._locale.has(key)
        return self._locale.text(key if known else "indicator.paragraph_unquoted")

    def marks(self, selection: Selection) -> list[str]:
        """The marks of an indicator's rows, in their fixed order."""
        used = selection.marks
        return [mark for mark in MARKS if mark in used]

    def by_theme(self, indicators: dict[str, Indicator]) -> dict[str, list[Indicator]]:
        """Indicators by theme, in the locale's order of themes."""
        themes: dict[str, list[Indicator]] = {theme: [] for theme in self._locale.order("themes")}
        for indicator in indicators.values():
            themes[indicator.theme].append(indicator)
        return {theme: found for theme, found in themes.items() if found}

    def indicator_link(self, indicator: Indicator) -> str:
        """The address of an indicator's page."""
        return self._page.to(indicator_page(indicator.id))

    def link(self, path: str) -> str:
        """The address of a file below the site's root."""
        return self._page.link(PurePosixPath(path))

    def data_link(self, path: str) -> str:
        """The address of the copy of a candidate's file."""
        return self._page.link(data_file(self._edition, path))

    def csv_link(self, indicator: Indicator) -> str:
        """The address of one indicator's rows."""
        return self._page.link(indicator_csv(self._edition, indicator.id))

    @property
    def archive_link(self) -> str:
        """The address of all files as a zip."""
        return self._page.link(archive_file(self._edition))

    @property
    def archive_name(self) -> str:
        """The file name of that zip."""
        return archive_file(self._edition).name

    @property
    def reason(self) -> Markup:
        """Why the candidate is cleared or not, as it says itself (in English)."""
        english = self._edition.candidate.status.reason
        return self._locale.of_candidate("status.reason_given", english)

    @property
    def files(self) -> tuple[SignedFile, ...]:
        """The signed files."""
        return self._edition.files

    def edition_link(self, edition: Edition) -> str:
        """The address of another edition's first page, in the same language."""
        return self._page.link(Page(edition, self._locale, "index.html").path)

    @property
    def _edition(self) -> Edition:
        if self._page.edition is None:
            raise LookupError(f"{self._page.path} belongs to no candidate")
        return self._page.edition
