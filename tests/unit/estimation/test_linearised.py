"""Linearised errors of many shares at once are the library's of each, one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.estimation.linearised import Design, one_hot

MARGINS = ("north", "old")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), answers=st.integers(12, 60), strata=st.integers(2, 4))
def test_raked_shares_of_domains_have_the_errors_of_the_library(
    seed: int, answers: int, strata: int
) -> None:
    """Random strata, one of a single answer; two margins; a question that some left open."""
    random = np.random.default_rng(seed)
    stratum = np.r_[0, random.integers(1, strata, answers - 1)]
    stratum[1:strata] = range(1, strata)
    rows = pl.DataFrame(
        {
            "stratum": stratum,
            **{margin: random.permutation(np.arange(answers) % 2) for margin in MARGINS},
            "domain": random.permutation(np.arange(answers) % 3),
            "base": random.uniform(1, 3, answers),
            "population": 100.0 + 10 * stratum,
            "said": random.choice(["yes", "no"], answers).astype(object),
        }
    ).with_columns(
        pl.when(pl.Series(random.random(answers) < 0.2)).then(None).otherwise("said").alias("said")
    )
    controls = {margin: {0: 1.2 * answers, 1: 0.9 * answers} for margin in MARGINS}
    controls["old"] = {0: 1.0 * answers, 1: 1.1 * answers}
    sample = svy.Sample(
        rows, svy.Design(stratum="stratum", wgt="base", pop_size="population", singleton="center")
    ).weighting.rake(controls=controls, wgt_name="weight", tol=1e-9, max_iter=500)
    raked = sample.data.lazy().collect()
    found = {
        estimate.by_level[0]: estimate
        for estimate in sample.estimation.prop("said", by="domain", drop_nulls=True).estimates
        if estimate.y_level == "yes"
    }

    design = Design(
        raked["weight"].to_numpy(),
        raked["stratum"].to_numpy(),
        raked["population"].to_numpy(),
        [raked[margin].to_numpy() for margin in MARGINS],
    )
    known = raked["said"].is_not_null().cast(pl.Float64).to_numpy()
    domains = one_hot(raked["domain"].to_numpy()).multiply(known[:, None]).tocsr()
    is_yes = (raked["said"] == "yes").fill_null(False).cast(pl.Float64).to_numpy()
    shares, errors, _ = design.shares(domains.multiply(is_yes[:, None]).tocsr(), domains)

    assert found
    for domain, estimate in found.items():
        assert shares[domain] == pytest.approx(estimate.est, rel=1e-12)
        assert errors[domain] == pytest.approx(estimate.se, rel=1e-9, abs=1e-12)


def test_a_domain_in_which_nobody_answered_has_no_share() -> None:
    ones = np.ones(4)
    stratum = np.array([0, 0, 1, 1])
    design = Design(ones, stratum, 10 * ones, [stratum])
    domains = one_hot(np.array([0, 0, 1, 1])).multiply(np.array([1.0, 1, 0, 0])[:, None]).tocsr()
    yes = domains.multiply(np.array([1.0, 0, 1, 0])[:, None]).tocsr()
    shares, _, freedom = design.shares(yes, domains)
    assert shares[0] == 0.5
    assert np.isnan(shares[1])
    assert freedom.tolist() == [1, 0]
