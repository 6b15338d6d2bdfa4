"""Differences of two groups against Newcombe's published interval and R survival 3.5.3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from warehouse_kit import compile_macro

HISTORIES = Path(__file__).parent / "clustered_histories.csv"

# Newcombe, Statistics in Medicine 17:873-890 (1998), table II (a), method 10: 56/70 less 48/80.
PUBLISHED = (0.2000, 0.0524, 0.3339)

# d <- read.csv("clustered_histories.csv"); d$member <- seq_len(nrow(d)); h <- c(6, 12, 24)
# d$cause <- factor(d$cause, c("", "first", "second"))
# own <- table(d$person %% 3, d$person %% 2); pooled <- rowSums(own)
# d$w <- pooled[d$person %% 3 + 1] / own[cbind(d$person %% 3 + 1, d$person %% 2 + 1)]
# for (g in 0:1) { e <- d[d$person %% 2 == g, ]
#   f <- survfit(Surv(entry, duration, cause) ~ 1, e, id = member, weights = w, influence = TRUE)
#   k <- findInterval(h, f$time) + 1; i <- matrix(f$influence[, k, 2], nrow(e)) * e$w
#   print(summary(f, times = h)$pstate[, 2]); print(sqrt(colSums(rowsum(i, e$person)^2))) }
WEIGHTED_AND_CLUSTERED = {
    ("even", 6): (0.05613997753101225, 0.03769888519721242),
    ("even", 12): (0.17469930905227865, 0.07070560059878808),
    ("even", 24): (0.35281653125542300, 0.07258810618891680),
    ("odd", 6): (0.2499749590893383, 0.1099940217937928),
    ("odd", 12): (0.3020454212563478, 0.1151937312839673),
    ("odd", 24): (0.4334690738159597, 0.1270835403755388),
}


def differences(members: str, call: str) -> list[dict[str, Any]]:
    """The rows of a macro's call over a select of members; 2000 is the one year and cohort."""
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_period as select 'ZZ' as country, '2000' as period, "
            "'year' as kind, 24000 as first_month, 24011 as last_month, "
            "1 as dimensions, 99999 as cutoff_month"
        )
        connection.execute(f"create table members as select 'ZZ' as country, * from ({members})")
        return connection.sql(compile_macro(call)).to_arrow_table().to_pylist()


def test_the_interval_of_two_proportions_equals_newcombes() -> None:
    rows = differences(
        "select 24000 as flow_month, group_name, yes, n - yes as no, 0 as unknown "
        "from (values ('treated', 56, 70), ('other', 48, 80)) as counts (group_name, yes, n)",
        "{{ method_d_p('members', {}, ['treated', 'other'], standard=[]) }}",
    )
    [value] = [row for row in rows if row["measure"] == "value"]
    found = (value["estimate"], value["ci_low"], value["ci_high"])
    assert tuple(round(number, 4) for number in found) == PUBLISHED


def test_standardising_two_proportions_weights_cells_by_their_pooled_members() -> None:
    # Cells of 30 and 70 pooled members: 0.3 · 8/10 + 0.7 · 10/50 = 0.38, 0.3 · 10/20 + 0.7 · 4/20
    # = 0.29. A third cell has nobody of the second group.
    rows = differences(
        "select 24000 as flow_month, * from (values ('a', 'x', 8, 2, 0), ('a', 'y', 10, 40, 0), "
        "('b', 'x', 10, 10, 0), ('b', 'y', 4, 16, 0), ('a', 'z', 5, 5, 0)) "
        "as counts (group_name, cell, yes, no, unknown)",
        "{{ method_d_p('members', {}, ['a', 'b'], standard=['cell']) }}",
    )
    found = {row["measure"]: row for row in rows}
    assert found["a"]["estimate"] == pytest.approx(0.38)
    assert found["b"]["estimate"] == pytest.approx(0.29)
    assert found["value"]["estimate"] == pytest.approx(0.09)
    assert (found["a"]["denominator"], found["a"]["unknown"]) == (60, 10)


def test_weighted_incidences_and_clustered_errors_equal_r() -> None:
    measures = [{"measure": "value", "axis": "seen", "events": ["first"], "competing": ["second"]}]
    rows = differences(
        "select 24000 + row_number() over (partition by person) % 12 as origin_month, "
        "entry, duration, coalesce(cause, '') as cause, false as lost, "
        "person as person_id, count(*) over (partition by person) > 1 as repeats, "
        "case person % 2 when 0 then 'even' else 'odd' end as group_name, person % 3 as cell "
        f"from '{HISTORIES}'",
        f"with ended as (select *, {{{{ clock_end('duration', 'cause', 'lost', {measures}) }}}} "
        "as seen_end from members) "
        "from ({{ method_d_aj('ended', {'horizons': [6, 12, 24]}, "
        f"{measures}, ['even', 'odd'], standard=['cell']) }}}})",
    )
    found = {(row["measure"], row["horizon_months"]): row for row in rows}
    for key, (incidence, error) in WEIGHTED_AND_CLUSTERED.items():
        # Weights have nine decimals, so that their sums are exact.
        assert found[key]["estimate"] == pytest.approx(incidence, rel=1e-8), key
        assert found[key]["std_error"] == pytest.approx(error, rel=1e-8), key
    for horizon in (6, 12, 24):
        even, odd = (found[side, horizon] for side in ("even", "odd"))
        value = found["value", horizon]
        assert value["estimate"] == pytest.approx(even["estimate"] - odd["estimate"])
        low = (even["estimate"] - even["ci_low"], odd["ci_high"] - odd["estimate"])
        assert value["estimate"] - value["ci_low"] == pytest.approx(
            (low[0] ** 2 + low[1] ** 2) ** 0.5
        )
