"""method_aj against R survival 3.5.3: estimates, both variances, interval, median."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from comprisk import CumulativeIncidence
from r_kit import run_r
from warehouse_kit import compile_macro

OWN_DATA = Path(__file__).parent / "clustered_histories.csv"
TOLERANCE = 1e-9

# statistics.md: survfit(Surv(etime, event) ~ 1, mgus2), event: 1 pcm, 2 death without pcm.
MGUS2 = {
    ("pcm", 60): (0.034103713, 0.0048892579),
    ("pcm", 120): (0.063722168, 0.0067968484),
    ("pcm", 240): (0.099813716, 0.0097848468),
    ("death", 60): (0.32036701, 0.012567372),
    ("death", 120): (0.53181770, 0.014059645),
    ("death", 240): (0.72402798, 0.015606345),
}

# colon: first of recurrence and death, in whole months.
# d <- colon[colon$etype == 1, ]; e <- colon[colon$etype == 2, ]; e <- e[match(d$id, e$id), ]
# d$months <- floor(ifelse(d$status == 1, d$time, e$time) / 30.4375)
# d$cause <- ifelse(d$status == 1, "recurrence", ifelse(e$status == 1, "death", ""))
# s <- summary(survfit(Surv(months, factor(cause, c("", "recurrence", "death"))) ~ 1, d), times = h)
# s$pstate; s$std.err
COLON = {
    ("recurrence", 12): (0.2561894510226049, 0.01432200863468211),
    ("recurrence", 36): (0.4426540471002130, 0.01630243600150844),
    ("recurrence", 60): (0.4859680485100180, 0.01641127486174766),
    ("death", 12): (0.008611410118406888, 0.003031455780436201),
    ("death", 36): (0.021546575126676987, 0.004765783865419720),
    ("death", 60): (0.031351105613508574, 0.005730160234492102),
}

# mgus2 by age, left-truncated at the diagnosis of those aged 60 or more, in months of age.
# m <- mgus2[mgus2$age >= 60, ]; m$months <- with(m, ifelse(pstat == 0, futime, ptime))
# m <- m[m$months > 0, ]; m$cause <- with(m, ifelse(pstat == 1, "pcm", ifelse(death, "death", "")))
# m$end <- 12 * m$age + m$months; m$cause <- factor(m$cause, c("", "pcm", "death"))
# f <- survfit(Surv(12 * age, end, cause) ~ 1, m, id = id)
# s <- summary(f, times = h); s$pstate; s$std.err; s$n.risk
BY_AGE = {
    ("pcm", 840): (0.07293708728463277, 0.03232196049674087, 244),
    ("pcm", 960): (0.12098909961317596, 0.03205101667417095, 352),
    ("pcm", 1080): (0.13675836006961622, 0.03196602032732996, 143),
    ("death", 840): (0.3862101700198573, 0.05422603112997362, 244),
    ("death", 960): (0.6231049509973875, 0.03963422474519176, 352),
    ("death", 1080): (0.8077695243609725, 0.03226541345404229, 143),
}

# d <- read.csv("clustered_histories.csv"); d$member <- seq_len(nrow(d)); h <- c(6, 12, 24)
# d$cause <- factor(d$cause, c("", "first", "second"))
# f <- survfit(Surv(entry, duration, cause) ~ 1, d, id = member, influence = TRUE)
# s <- summary(f, times = h); s$pstate; s$n.risk
# k <- findInterval(h, f$time) + 1
# sqrt(colSums(rowsum(matrix(f$influence[, k, ], nrow(d)), d$person)^2))
DELAYED_AND_CLUSTERED = {
    ("first", 6): (0.1467726040896773, 0.05525604031486887, 35),
    ("first", 12): (0.2340160058492081, 0.06437734244862911, 31),
    ("first", 24): (0.3923916053022073, 0.06497297863662192, 17),
    ("second", 6): (0.1752586844050259, 0.05629047582207893, 35),
    ("second", 12): (0.2286036505892918, 0.06704855191018520, 31),
    ("second", 24): (0.2669879608436847, 0.06646515189499491, 17),
}

# The multi-state survfit of 3.5.3 leaves `cluster` unused, the one with a single cause does not:
# s <- summary(survfit(Surv(entry, duration, cause != "") ~ 1, d, id = member, cluster = person),
#              times = h); 1 - s$surv; s$std.err; s$n.risk
ONE_CAUSE_CLUSTERED = {
    6: (0.3220312884947031, 0.06716005126609126, 35),
    12: (0.4626196564384998, 0.07499225307299261, 31),
    24: (0.6593795661458919, 0.07006399470057219, 17),
}

# d$seen <- d$duration - d$entry
# p <- survfit(Surv(seen, cause != "") ~ 1, d, conf.type = "log-log")
# s <- summary(p, times = h); 1 - s$surv; s$std.err; 1 - s$upper; 1 - s$lower; quantile(p, 0.5)
ONE_CAUSE_INTERVALS = {
    6: (0.2971911160880926, 0.06062353600219630, 0.1961648366636806, 0.4342427946176227),
    12: (0.4358534094004419, 0.06766758960861778, 0.3158934467531728, 0.5781701445230805),
    24: (0.6709144888169245, 0.06714950697469296, 0.5395521941346800, 0.7966415437139645),
}
MEDIAN = (15, 10, 20)

COMPETING = [
    {"measure": "first", "axis": "seen", "events": ["first"], "competing": ["second"]},
    {"measure": "second", "axis": "seen", "events": ["second"], "competing": ["first"]},
]
ONE_CAUSE = [{"measure": "value", "axis": "seen", "events": ["first", "second"]}]


def incidences(
    members: str,
    spec: object,
    measures: object,
    clustered: bool,
    given: pa.Table | None = None,
) -> list[dict]:
    """The macro's rows for a select of members, with one cohort whose horizons are all reached."""
    call = (
        f"with ended as (select *, {{{{ clock_end('duration', 'cause', 'lost', {measures}) }}}} "
        "as seen_end from members) "
        f"from ({{{{ method_aj('ended', {spec}, {measures}, clustered={clustered}) }}}})"
    )
    with duckdb.connect() as connection:
        if given is not None:
            connection.register("given", given)
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_period as select 'ZZ' as country, '2000' as period, "
            "'year' as kind, 24000 as first_month, 24011 as last_month, "
            "1 as dimensions, 99999 as cutoff_month"
        )
        connection.execute(
            f"create table members as select 'ZZ' as country, false as lost, * from ({members})"
        )
        return connection.sql(compile_macro(call)).to_arrow_table().to_pylist()


def own_members(entry: str, duration: str) -> str:
    # Members of a person begin in different months; only their order matters.
    return (
        f"select 24000 + row_number() over (partition by person) % 12 as origin_month, "
        f"{entry} as entry, {duration} as duration, coalesce(cause, '') as cause, "
        "person as person_id, count(*) over (partition by person) > 1 as repeats "
        f"from '{OWN_DATA}'"
    )


def figures(rows: list[dict], *columns: str) -> dict[tuple[str, int], tuple]:
    return {(r["measure"], r["horizon_months"]): tuple(r[c] for c in columns) for r in rows}


def assert_equal(found: dict, published: dict, tolerance: float = TOLERANCE) -> None:
    assert found.keys() == published.keys()
    for key, numbers in published.items():
        assert found[key] == pytest.approx(numbers, rel=tolerance), key


def test_incidence_and_aalen_variance_equal_r_and_the_published_values_on_mgus2(
    tmp_path: Path,
) -> None:
    data, computed = tmp_path / "mgus2.csv", tmp_path / "survfit.csv"
    run_r(
        "survival",
        "d <- mgus2; d$etime <- with(d, ifelse(pstat == 0, futime, ptime))",
        "d$cause <- with(d, ifelse(pstat == 1, 'pcm', ifelse(death == 1, 'death', '')))",
        f"write.csv(d[, c('etime', 'cause')], '{data}', row.names = FALSE)",
        "f <- survfit(Surv(etime, factor(cause, c('', 'pcm', 'death'))) ~ 1, d)",
        "s <- summary(f, times = c(60, 120, 240))",
        f"write.csv(cbind(s$time, s$pstate[, 2:3]), '{computed}', row.names = FALSE)",
    )

    rows = incidences(
        "select 24000 as origin_month, -1 as entry, cast(etime as integer) as duration, "
        f"coalesce(cause, '') as cause from '{data}'",
        {"horizons": [60, 120, 240]},
        [
            {"measure": "pcm", "axis": "seen", "events": ["pcm"], "competing": ["death"]},
            {"measure": "death", "axis": "seen", "events": ["death"], "competing": ["pcm"]},
        ],
        clustered=False,
    )

    with computed.open() as lines:
        r = [[float(field) for field in line] for line in list(csv.reader(lines))[1:]]
    by_r = {("pcm", int(t)): (pcm,) for t, pcm, _ in r}
    by_r |= {("death", int(t)): (death,) for t, _, death in r}
    assert_equal(figures(rows, "estimate"), by_r)
    # The published values have eight digits: their own rounding is up to 5e-8.
    assert_equal(figures(rows, "estimate", "std_error"), MGUS2, tolerance=5e-8)


def test_incidence_and_variance_equal_r_on_colon(tmp_path: Path) -> None:
    data = tmp_path / "colon.csv"
    run_r(
        "survival",
        "d <- colon[colon$etype == 1, ]; e <- colon[colon$etype == 2, ]",
        "e <- e[match(d$id, e$id), ]",
        "d$months <- floor(ifelse(d$status == 1, d$time, e$time) / 30.4375)",
        "d$cause <- ifelse(d$status == 1, 'recurrence', ifelse(e$status == 1, 'death', ''))",
        f"write.csv(d[, c('months', 'cause')], '{data}', row.names = FALSE)",
    )
    rows = incidences(
        "select 24000 as origin_month, -1 as entry, cast(months as integer) as duration, "
        f"coalesce(cause, '') as cause from '{data}'",
        {"horizons": [12, 36, 60]},
        [one_of("recurrence", "death"), one_of("death", "recurrence")],
        clustered=False,
    )
    assert_equal(figures(rows, "estimate", "std_error"), COLON)


def test_left_truncation_equals_r_on_mgus2_by_age(tmp_path: Path) -> None:
    data = tmp_path / "by_age.csv"
    run_r(
        "survival",
        "m <- mgus2[mgus2$age >= 60, ]; m$months <- with(m, ifelse(pstat == 0, futime, ptime))",
        "m <- m[m$months > 0, ]; m$entry <- 12 * m$age; m$duration <- m$entry + m$months",
        "m$cause <- with(m, ifelse(pstat == 1, 'pcm', ifelse(death == 1, 'death', '')))",
        f"write.csv(m[, c('id', 'entry', 'duration', 'cause')], '{data}', row.names = FALSE)",
    )
    rows = incidences(
        "select 24000 as origin_month, cast(entry as integer) as entry, "
        "cast(duration as integer) as duration, coalesce(cause, '') as cause, "
        f"id as person_id, false as repeats from '{data}'",
        {"horizons": [840, 960, 1080]},
        [one_of("pcm", "death"), one_of("death", "pcm")],
        clustered=True,
    )
    assert_equal(figures(rows, "estimate", "std_error", "at_risk"), BY_AGE)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incidence_equals_comprisk_on_random_data_full_of_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    months = random.integers(0, 30, 4_000)
    causes = random.choice(["", "first", "second"], 4_000, p=[0.4, 0.35, 0.25])
    members = pa.table({"duration": months, "cause": causes})
    rows = incidences(
        "select 24000 as origin_month, -1 as entry, cast(duration as integer) as duration, cause "
        "from given",
        {"horizons": [6, 12, 24]},
        COMPETING,
        clustered=False,
        given=members,
    )
    codes = np.array([("", "first", "second").index(cause) for cause in causes])
    # comprisk begins after time 0, so its clock is moved on by a month. Its variance is Pepe's, not
    # the one of R survival.
    peer = CumulativeIncidence().fit(months + 1, codes)
    expected = {}
    for code, measure in ((1, "first"), (2, "second")):
        curve = peer.curves_[None, code]
        for horizon in (6, 12, 24):
            at = np.searchsorted(curve.times, horizon + 1, side="right") - 1
            expected[measure, horizon] = (curve.cif[at],)
    assert_equal(figures(rows, "estimate"), expected)


def one_of(event: str, other: str) -> dict[str, object]:
    return {"measure": event, "axis": "seen", "events": [event], "competing": [other]}


def test_delayed_entry_and_clustered_variance_equal_r() -> None:
    rows = incidences(
        own_members("entry", "duration"), {"horizons": [6, 12, 24]}, COMPETING, clustered=True
    )

    assert_equal(figures(rows, "estimate", "std_error", "at_risk"), DELAYED_AND_CLUSTERED)


def test_clustered_variance_equals_rs_own_cluster_argument() -> None:
    rows = incidences(
        own_members("entry", "duration"), {"horizons": [6, 12, 24]}, ONE_CAUSE, clustered=True
    )

    expected = {("value", h): numbers for h, numbers in ONE_CAUSE_CLUSTERED.items()}
    assert_equal(figures(rows, "estimate", "std_error", "at_risk"), expected)


def test_interval_and_median_with_one_cause_equal_the_log_log_interval_of_survival() -> None:
    rows = incidences(
        own_members("0", "duration - entry"),
        {"horizons": [6, 12, 24], "measures": {"median_months": "Median"}},
        ONE_CAUSE,
        clustered=False,
    )

    found = figures(rows, "estimate", "std_error", "ci_low", "ci_high")
    median = found.pop(("median_months", 24))
    assert (median[0], *median[2:]) == MEDIAN
    assert_equal(found, {("value", h): numbers for h, numbers in ONE_CAUSE_INTERVALS.items()})


def test_a_median_is_reached_when_exactly_half_have_met_the_event() -> None:
    # Sums of such steps end a last bit under 0.5.
    members = pa.table({"duration": [*range(5), *[20] * 5], "cause": ["first"] * 5 + [""] * 5})
    rows = incidences(
        "select 24000 as origin_month, -1 as entry, cast(duration as integer) as duration, cause "
        "from given",
        {"horizons": [6, 12], "measures": {"median_months": "Median"}},
        ONE_CAUSE,
        clustered=False,
        given=members,
    )
    assert figures(rows, "estimate", "flag")["median_months", 12] == (4, "")
