"""Survey weighting and its rules, on small waves with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.estimation.survey import estimate_shares, response_rates
from pipelines.estimation.survey_sample import MarginError, weighted_sample

WAVE = {"country": "ZZ", "provider_key": "body", "wave": "2024Q2", "wave_closed_month": 24293}
PERIODS = pa.table(
    {
        "country": ["ZZ"],
        "period": ["2024Q2"],
        "first_month": [24291],
        "last_month": [24293],
        "dimensions": [1],
    }
)


def frame(strata: Mapping[str, int], **margins: Mapping[str, int]) -> pa.Table:
    """Eligible persons by stratum and by category of each margin; half were invited."""
    rows = [
        {
            **WAVE,
            "stratum": stratum,
            "margin": "total",
            "category": "all",
            "eligible": eligible,
            "invited": eligible // 2,
        }
        for stratum, eligible in strata.items()
    ]
    everyone = {"all": sum(strata.values())}
    for margin in ("sex", "age_band", "residence_group"):
        rows += [
            {
                **WAVE,
                "stratum": min(strata),
                "margin": margin,
                "category": category,
                "eligible": eligible,
                "invited": None,
            }
            for category, eligible in margins.get(margin, everyone).items()
        ]
    return pa.Table.from_pylist(rows)


def responses(*groups: tuple[int, Mapping[str, Any]]) -> pa.Table:
    """``number`` rows of each group; what a group leaves out is a complete answer of anybody."""
    plain = {
        **WAVE,
        "stratum": "a",
        "disposition": "complete",
        "sex": "all",
        "age_band": "all",
        "residence_group": "all",
        "provider_count": 1,
        "took_part": "unknown",
        "housing_secure": None,
    }
    rows = [{**plain, **group} for number, group in groups for _ in range(number)]
    schema = pa.Table.from_pylist([{**plain, "housing_secure": 1}]).schema
    keyed = [{**row, "response_key": f"{at:032x}"} for at, row in enumerate(rows)]
    return pa.Table.from_pylist(keyed, schema.append(pa.field("response_key", pa.string())))


def whole(answers: pa.Table, listed: pa.Table, item: str = "took_part") -> dict[str, Any]:
    rows = estimate_shares(answers, listed, PERIODS, (item,)).to_pylist()
    (row,) = (row for row in rows if row["breakdown"] == "total")
    return row


def test_strata_weigh_as_many_as_they_hold_whatever_their_response() -> None:
    # a: 300 people, 3 of 10 say yes; b: 100 people, 30 of 40 say yes: (300 × .3 + 100 × .75) / 400.
    answers = responses(
        (3, {"took_part": "yes"}),
        (7, {"took_part": "no"}),
        (90, {"disposition": "non_contact"}),
        (30, {"stratum": "b", "took_part": "yes"}),
        (10, {"stratum": "b", "took_part": "no"}),
    )
    assert whole(answers, frame({"a": 300, "b": 100}))["estimate"] == pytest.approx(0.4125)


def test_whoever_several_providers_could_invite_counts_once() -> None:
    # Two providers could have met each of the 10 who say yes: weight 1/2, 5 against 10.
    answers = responses((10, {"took_part": "yes", "provider_count": 2}), (10, {"took_part": "no"}))
    assert whole(answers, frame({"a": 100}))["estimate"] == pytest.approx(1 / 3)


def test_raking_meets_the_margin() -> None:
    # 20 women of whom 10 say yes, 10 men who say yes; the frame has as many of each.
    answers = responses(
        (10, {"sex": "female", "took_part": "yes"}),
        (10, {"sex": "female", "took_part": "no"}),
        (10, {"sex": "male", "took_part": "yes"}),
    )
    listed = frame({"a": 100}, sex={"female": 50, "male": 50})
    assert whole(answers, listed)["estimate"] == pytest.approx(0.75)


def test_a_category_with_few_answers_is_raked_with_the_next_smallest() -> None:
    answers = responses(
        (20, {"sex": "female", "took_part": "yes"}),
        (10, {"sex": "male", "took_part": "no"}),
        (1, {"sex": "other", "took_part": "no"}),
    )
    listed = frame({"a": 100}, sex={"female": 40, "male": 50, "other": 10})
    assert whole(answers, listed)["estimate"] == pytest.approx(0.4)


def test_people_of_unknown_category_keep_their_share() -> None:
    # 10 of 40 did not state their sex: 25 of 100; the frame shares out the other 75.
    answers = responses(
        (20, {"sex": "female", "took_part": "yes"}),
        (10, {"sex": "male", "took_part": "no"}),
        (10, {"sex": "unknown", "took_part": "no"}),
    )
    listed = frame({"a": 100}, sex={"female": 40, "male": 60})
    assert whole(answers, listed)["estimate"] == pytest.approx(0.75 * 0.4)


def test_a_frame_that_contradicts_itself_is_refused_and_its_figures_are_x() -> None:
    answers = responses((10, {"sex": "female", "took_part": "yes"}), (10, {"took_part": "no"}))
    listed = frame({"a": 100}, sex={"female": 30, "male": 40})
    with pytest.raises(MarginError, match="margin sex of the frame adds up to 70 persons"):
        weighted_sample(duckdb.connect(), answers, listed)
    row = whole(answers, listed)
    assert (row["flag"], row["estimate"], row["yes"], row["no"]) == ("x", None, 10, 10)


def test_margins_that_no_weights_meet_are_refused_after_bounded_rounds() -> None:
    # Every woman is young, and the frame holds more women than young people.
    answers = responses(
        (20, {"sex": "female", "age_band": "18-24"}), (20, {"sex": "male", "age_band": "50+"})
    )
    margins = {"sex": {"female": 60, "male": 40}, "age_band": {"18-24": 40, "50+": 60}}
    with pytest.raises(MarginError, match=r"wave 2024Q2: the margins .* can't all be met"):
        weighted_sample(duckdb.connect(), answers, frame({"a": 100}, **margins))


def test_questions_left_open_are_bounds_never_no() -> None:
    answers = responses((10, {"housing_secure": 4}), (10, {"housing_secure": 3}), (5, {}))
    row = whole(answers, frame({"a": 100}), "housing_secure")
    assert (row["yes"], row["no"], row["unknown"]) == (10, 10, 5)
    assert row["estimate"] == pytest.approx(0.5)
    assert (row["unknown_low"], row["unknown_high"]) == pytest.approx((0.4, 0.6))


def test_an_interval_remains_where_everybody_agrees() -> None:
    row = whole(responses((20, {"took_part": "yes"})), frame({"a": 100}))
    assert row["estimate"] == row["ci_high"] == 1
    assert row["ci_low"] == pytest.approx(20 / (20 + 3.841458820694124))


def test_partial_answers_respond_and_unknown_eligibility_stays_in() -> None:
    answers = responses(
        (2, {}),
        (1, {"disposition": "partial"}),
        (4, {"disposition": "unknown_eligibility"}),
        (3, {"disposition": "refusal", "stratum": "b"}),
        (9, {"disposition": "not_eligible"}),
    )
    assert response_rates(duckdb.connect(), answers) == {"": 0.3, "a": 3 / 7, "b": 0.0}


@pytest.mark.parametrize(("refusals", "flag"), [(23, ""), (24, "u")])
def test_under_thirty_percent_response_is_marked(refusals: int, flag: str) -> None:
    answers = responses(
        (5, {"took_part": "yes"}), (5, {"took_part": "no"}), (refusals, {"disposition": "refusal"})
    )
    assert whole(answers, frame({"a": 100}))["flag"] == flag


def test_nobody_answering_is_not_an_estimate() -> None:
    answers = responses((5, {"disposition": "refusal"}))
    assert whole(answers, frame({"a": 100}))["flag"] == "x"


def test_one_answer_a_stratum_gives_an_estimate_without_an_interval_marked_unreliable() -> None:
    answers = responses((1, {"took_part": "yes"}), (1, {"stratum": "b", "took_part": "no"}))
    row = whole(answers, frame({"a": 100, "b": 100}))
    assert row["estimate"] == pytest.approx(0.5)
    assert (row["ci_low"], row["ci_high"], row["flag"]) == (None, None, "u")
