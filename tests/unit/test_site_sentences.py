"""Key results in words: what is shown, what is not shown, and what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.site.locale import Locale, load_locales
from dashboards.site.selection import Selection
from dashboards.site.sentences import headline
from tests.unit.site_rows import followed, indicator, row

EN, ES = (locale for locale in load_locales() if locale.code in ("en", "es"))


def words(*rows: object, locale: Locale = EN, entry: object = None) -> str:
    selection = Selection(entry or indicator(), rows)  # type: ignore[arg-type]
    return str(headline(selection, locale, "EUR").striptags()).replace("\xa0", " ")


def test_a_sentence_gives_number_interval_denominator_period_and_known_share() -> None:
    assert words(row()) == (
        "Of 1,200 claims for a remedy decided in the fourth quarter of 2024, 45% were granted in "
        "full or in part (95% interval: 40% to 50%). The answer is known for 80%."
    )


def test_spanish_numbers_are_written_the_spanish_way() -> None:
    said = words(row(denominator=Decimal(12000)), locale=ES)
    assert "De 12.000 reclamaciones" in said
    assert "45 %" in said


def test_bounds_say_what_the_unknown_could_change() -> None:
    bounds = [
        row("0.36", measure="unknown_low", ci_low=None, ci_high=None, known_share=None),
        row("0.56", measure="unknown_high", ci_low=None, ci_high=None, known_share=None),
    ]
    assert words(row(), *bounds).endswith(
        "If every unknown answer were “no” the figure would be 36%; if every one were “yes”, 56%."
    )


def test_a_suppressed_quarter_is_said_before_the_year_that_stands_in_for_it() -> None:
    said = words(row(mark="c"), row("0.50", period="2024"), row("0.60", period="2023"))
    assert said.startswith(
        "No figure is shown for the fourth quarter of 2024: Hidden to protect people"
    )
    assert "The newest figure that can be shown: Of 1,200 claims" in said
    assert "decided in 2024, 50% were granted" in said


def test_the_finest_newest_figure_leads() -> None:
    said = words(row("0.60", period="2022-2024"), row("0.50", period="2024"), row("0.45"))
    assert "45%" in said
    assert "not shown" not in said


def test_where_everything_is_suppressed_no_number_is_printed() -> None:
    said = words(row(mark="c"), row(mark="c", period="2024"))
    assert said.startswith("No figure is shown for the fourth quarter of 2024")
    assert "%" not in said
    assert " 0" not in said


def test_nothing_known_is_said_and_is_not_a_zero() -> None:
    blank = row(None, known_share=Decimal(0), denominator=Decimal(0), ci_low=None, ci_high=None)
    assert words(blank) == (
        "No figure is shown for the fourth quarter of 2024: The answer is known for none."
    )


def test_a_way_of_steps_is_told_to_its_end() -> None:
    entry = indicator(
        id="remedy_funnel",
        measures={"informed": "Informed", "claimed": "Claimed", "claimed_of_informed": "Of those"},
    )
    said = words(
        row("0.70", measure="informed", horizon_months=36),
        row(measure="claimed", horizon_months=36, mark="c"),
        row("0.90", measure="claimed_of_informed", horizon_months=36),
        entry=entry,
    )
    assert "70% are recorded as informed of their rights within 36 months" in said
    assert "The further steps, of all: Claimed: not shown." in said
    assert "90%" not in said


def test_an_indicator_without_rows_says_so() -> None:
    assert words() == "There is no figure of this indicator here."


def test_a_followed_cohort_leads_with_the_longest_horizon_it_has_reached() -> None:
    said = words(
        row("0.10", period="2024", cohort="2023", horizon_months=12, method="AJ"),
        row("0.20", period="2024", cohort="2022", horizon_months=24, method="AJ"),
        entry=followed(),
    )
    assert (
        "After 1,200 exits from support in 2022, an estimated 20% were followed within 24" in said
    )


def test_an_indicator_without_a_sentence_of_its_own_gets_the_general_one() -> None:
    said = words(row(), entry=indicator(id="something_new"))
    assert said.startswith(
        "Claims granted: 45% in the fourth quarter of 2024, from 1,200 claims (95% interval"
    )


@pytest.mark.parametrize("locale", [EN, ES], ids=["en", "es"])
def test_hostile_text_from_a_candidate_is_escaped(locale: Locale) -> None:
    entry = indicator(id="something_new", title="<script>alert(1)</script> & {0}")
    html = str(headline(Selection(entry, [row()]), locale, None))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {0}" in html


def test_english_that_has_no_translation_is_marked_as_english() -> None:
    html = str(headline(Selection(indicator(id="something_new"), [row()]), ES, None))
    assert '<span lang="en" dir="ltr">Claims granted</span>' in html


@pytest.mark.parametrize("locale", load_locales(), ids=lambda locale: locale.code)
def test_a_figure_of_no_denominator_names_none(locale: Locale) -> None:
    entry = indicator(id="one_without_a_sentence")
    difference = row("3.5", unit="points", denominator=None, numerator=None)
    counted = row("3.5", unit="points", denominator=Decimal(1200), numerator=None)
    assert "–" not in words(difference, entry=entry, locale=locale).partition("(")[0]
    assert len(words(difference, entry=entry, locale=locale)) < len(
        words(counted, entry=entry, locale=locale)
    )
