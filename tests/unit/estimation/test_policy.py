"""Policy changes: what the register accepts, which series are refused, what the sentence says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from pipelines.estimation.interrupted import RefusedSeries, interrupt
from pipelines.estimation.policy import SENTENCES, assess
from pipelines.estimation.policy_register import PolicyRegister, Series
from pipelines.paths import Home
from pipelines.periods import quarters
from pipelines.settings import SettingsError, load_country

REGISTER = """
policies:
  - id: support_for_all
    country: ZZ
    month: 2019-01
    named_on: 2018-10
    what_changed: Support no longer depends on cooperation.
    source: Official Journal 12/2018
    paragraphs: [37]
    indicators:
      - {indicator: inclusion_unconditional_support, expected: higher}
      - indicator: remedy_granted
        expected: lower
        comparator: {indicator: inspection_firewall}
breaks:
  - {indicator: remedy_granted, country: YY, month: 2019-06, what: Withdrawn claims left out.}
"""


def series(
    level: float = 0.0, slope: float = 0.0, size: int = 28, change: int = 16, seed: int = 1
) -> pa.Table:
    """Quarters from 2015Q1 with a change at position ``change`` (16: 2019Q1)."""
    place = np.arange(size)
    noise = np.random.default_rng(seed).normal(0, 0.01, size)
    since = np.where(place >= change, place - change, 0)
    values = 0.3 + 0.002 * place + level * (place >= change) + slope * since + noise
    return pa.table({"period": quarters("2015Q1", size), "estimate": values})


def load(text: str = REGISTER) -> PolicyRegister:
    return PolicyRegister.model_validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("named_on: 2018-10", "named_on: 2019-02", "after the change of 2019-01"),
        ("month: 2019-01", "month: 2019-1", "not a month"),
        ("paragraphs: [37]", "paragraphs: []", "policies.0.paragraphs"),
        ("expected: higher", "expected: up", "policies.0.indicators.0.expected"),
        ("indicator: remedy_granted\n", "indicator: inspection_firewall\n", "the series itself"),
        ("what_changed", "what changed", "policies.0"),
        ("policies:", "policies: [", "line"),
    ],
)
def test_a_register_that_cannot_be_used_names_file_and_field(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "countries" / "ZZ.yml"
    path.parent.mkdir()
    own = REGISTER.replace("country: YY", "country: ZZ").replace(old, new, 1)
    path.write_text(f"policy_register:\n{textwrap.indent(own, '  ')}code: ZZ\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_country("ZZ", Home(tmp_path))
    assert "ZZ.yml" in str(caught.value)
    assert told in str(caught.value)


def test_under_twelve_periods_on_a_side_is_refused() -> None:
    with pytest.raises(RefusedSeries, match="16 periods before 2019-01 and 11 from it on"):
        interrupt(series(size=27), "2019-01")


def test_a_period_that_the_change_cuts_in_two_is_left_out() -> None:
    whole = interrupt(series(size=30), "2019-01")
    cut = interrupt(series(size=30), "2019-02")
    assert (whole.before, whole.after) == (16, 14)
    assert (cut.before, cut.after) == (16, 13)


def test_a_gap_a_missing_figure_and_mixed_periods_are_refused() -> None:
    full = series()
    with pytest.raises(RefusedSeries, match="does not go on from 2015-09"):
        interrupt(pa.concat_tables([full.slice(0, 3), full.slice(4)]), "2019-01")
    values = full["estimate"].to_pylist()
    values[5] = None
    with pytest.raises(RefusedSeries, match="no figure for 2016Q2"):
        interrupt(full.set_column(1, "estimate", pa.array(values, pa.float64())), "2019-01")
    with pytest.raises(RefusedSeries, match="comparator has no figure"):
        interrupt(full, "2019-01", full.slice(0, 20))


def test_a_break_of_definition_inside_the_series_is_refused() -> None:
    with pytest.raises(RefusedSeries, match="a break is not an effect"):
        interrupt(series(), "2019-01", breaks=["2018-04"])
    assert interrupt(series(), "2019-01", breaks=["2015-01", "2023-01"]).before == 16


def test_all_pairs_are_corrected_together_and_each_gets_a_sentence() -> None:
    found = assess(
        load(),
        lambda country, wanted: (
            series(level=0.08) if wanted.indicator.startswith("inclusion") else series(seed=3)
        ),
    )
    moved, steady = found
    assert moved.result is not None
    assert moved.adjusted == pytest.approx(min(1, 2 * moved.result.probability))
    assert moved.sentence.key == "moved_as_expected"
    assert moved.sentence.english().startswith("When the rule changed in 2019-01, the figure moved")
    assert not moved.controlled
    assert steady.controlled
    assert steady.sentence.key == "refused"  # the comparator moves alike: nothing is left
    assert "never moves" in steady.sentence.english()


def test_a_series_that_bends_without_a_jump_is_said_to_bend() -> None:
    register = load()
    found = assess(register, lambda country, wanted: _by_name(wanted))
    assert found[0].sentence.key == "bent"
    assert found[1].sentence.key == "no_change_seen"


def test_a_break_refuses_only_its_own_country() -> None:
    text = REGISTER.replace("country: YY", "country: ZZ")
    first, second = assess(load(text), lambda country, wanted: _by_name(wanted))
    assert first.result is not None
    assert "the definition changed in 2019-06" in second.sentence.english()


def test_no_sentence_speaks_of_an_effect() -> None:
    assert not [text for text in SENTENCES.values() if "effect" in text or "caused" in text]


def _by_name(wanted: Series) -> pa.Table:
    seeds = {"inclusion_unconditional_support": 1, "remedy_granted": 4, "inspection_firewall": 5}
    bend = 0.02 if wanted.indicator.startswith("inclusion") else 0.0
    return series(slope=bend, seed=seeds[wanted.indicator])
