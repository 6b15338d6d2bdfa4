"""An indicator's result as one full sentence: number, interval, denominator, period, known share.

Rule: a sentence never hides what is missing. Where the newest figure is not shown it says so and
why, before it gives an older one; where none is shown it says that.
"""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from dashboards.site.locale import Locale
from dashboards.site.selection import Cell, Selection
from pipelines.registry import Indicator
from pipelines.release.reading import Figure

_CERTAIN = Decimal("0.995")


def headline(selection: Selection, locale: Locale, currency: str | None) -> Markup:
    """The key result in words; safe markup."""
    newest, lead = selection.newest, selection.lead
    if newest is None:
        return locale.text("sentence.none")
    parts = []
    if lead is None or _later(newest.row, lead.row):
        parts.append(_not_shown(newest.row, selection, locale))
        if lead is not None:
            parts.append(locale.text("sentence.earlier"))
    if lead is not None:
        parts.append(_result(selection, lead.row, locale, currency))
        if selection.main != "value":
            parts += _other_measures(selection, locale)
        parts += _known(lead, locale)
    return Markup(" ").join(parts)


def when(row: Figure, locale: Locale) -> str:
    """The row's cohort, else its period, in words that follow “in”."""
    return locale.period(row.cohort or row.period)


def measure_label(indicator: Indicator, measure: str, locale: Locale) -> Markup:
    """The label of a measure in the locale's language, else as the candidate gives it."""
    english = indicator.measures.get(measure, measure)
    return locale.of_candidate(f"indicators.{indicator.id}.measures.{measure}", english)


def reason(row: Figure, locale: Locale) -> Markup:
    """Why a row has no estimate: its mark, or that nothing is known, or that nothing came."""
    if not row.mark and row.known_share == 0:
        return locale.text("sentence.known_none")
    return locale.text(f"marks.{row.mark or 'x'}")


def _result(selection: Selection, row: Figure, locale: Locale, currency: str | None) -> Markup:
    """The sentence of the indicator, or the general one for indicators without their own."""
    indicator = selection.indicator
    values: dict[str, object] = {
        "estimate": locale.amount(row.estimate or Decimal(0), row.unit),
        "numerator": _count(row.numerator, locale),
        "denominator": _count(row.denominator, locale),
        "denominator_money": locale.money(row.denominator or Decimal(0), currency),
        "when": when(row, locale),
        "horizon": row.horizon_months or "",
    }
    texts = f"indicators.{indicator.id}"
    own = f"{texts}.sentence.{row.measure}"
    if locale.has(own) and row.denominator is not None:
        sentence = locale.text(own, **values)
    else:
        title = locale.of_candidate(f"{texts}.title", indicator.title)
        if row.measure != "value":
            title = Markup("{}, {}").format(title, measure_label(indicator, row.measure, locale))
        unit = locale.label("unit_names", indicator.population.unit)
        kind = "cohort" if row.horizon_months else "flow"
        counted = row.denominator is not None
        of = locale.text("sentence.generic_of", unit=unit, **values) if counted else ""
        sentence = locale.text(f"sentence.generic_{kind}", title=title, of=of, **values)
    if row.ci_low is None or row.ci_high is None:
        interval = locale.text("sentence.no_interval")
    else:
        interval = locale.text(
            "sentence.interval",
            low=locale.amount(row.ci_low, row.unit),
            high=locale.amount(row.ci_high, row.unit),
        )
    return sentence + Markup(" ") + interval


def _other_measures(selection: Selection, locale: Locale) -> list[Markup]:
    """Where no measure is the value: the steps after the first, or the parts beside it."""
    others = [
        locale.text(
            "sentence.step",
            label=measure_label(selection.indicator, cell.row.measure, locale),
            estimate=locale.amount(cell.row.estimate, cell.row.unit)
            if cell.row.estimate is not None
            else locale.text("sentence.no_figure"),
        )
        for cell in selection.parts
        if cell.row.measure != selection.main
    ]
    kind = "steps" if selection.is_steps else "parts"
    return [locale.text(f"sentence.{kind}", parts=Markup("; ").join(others))] if others else []


def _known(cell: Cell, locale: Locale) -> list[Markup]:
    """For what share the answer is known, and the bounds if every unknown were no or yes."""
    row, said = cell.row, []
    if row.known_share is not None:
        if row.known_share >= _CERTAIN:
            said.append(locale.text("sentence.known_all"))
        elif row.known_share == 0:
            said.append(locale.text("sentence.known_none"))
        else:
            known = locale.amount(row.known_share, "share")
            said.append(locale.text("sentence.known", known=known))
    low = cell.low.estimate if cell.low else None
    high = cell.high.estimate if cell.high else None
    if low is not None and high is not None and low != high:
        key = "bounds_lost" if "AJ" in row.method else "bounds"
        said.append(
            locale.text(
                f"sentence.{key}",
                low=locale.amount(low, row.unit),
                high=locale.amount(high, row.unit),
            )
        )
    return said


def _not_shown(row: Figure, selection: Selection, locale: Locale) -> Markup:
    key = "suppressed_cohort" if selection.is_cohort and row.horizon_months else "suppressed"
    return locale.text(
        f"sentence.{key}",
        when=when(row, locale),
        reason=reason(row, locale),
        horizon=row.horizon_months or "",
    )


def _later(newest: Figure, lead: Figure) -> bool:
    """Whether the lead stands in for another time than the one expected."""
    return (newest.period, newest.cohort, newest.horizon_months) != (
        lead.period,
        lead.cohort,
        lead.horizon_months,
    )


def _count(value: Decimal | None, locale: Locale) -> str:
    return locale.number(value) if value is not None else locale.plain("table.empty")
