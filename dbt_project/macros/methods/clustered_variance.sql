{#-
    Variance of an Aalen–Johansen incidence F in each month h asked for, where persons repeat (part of method_aj).

    A member seen from e to T moves F(h) by its influence, the derivative of F(h) by the member's weight:
        [event, T <= h] S(T-) / Y(T)  -  (H(m) - H(e))
        - [any event, T <= h] (F(h) - F(T)) / (Y(T) - d(T))  +  F(h) (C(m) - C(e))  -  (D(m) - D(e)),
    m = min(T, h), Y at risk, d events of any cause, H = sum of S(s-) d1/Y², C = sum of d / (Y (Y - d)), D = sum of
    F(s) d / (Y (Y - d)). The variance is the sum over persons of the squared sum of their members' influences
    (infinitesimal jackknife; R survival: survfit(…, cluster = person)).

    The square of a person's sum is the members' squares plus twice the products of its pairs, so members and
    pairs become counts of equal histories first. Influences are scaled by the stratum's size and summed as
    decimals: the sum is exact, whatever the order in which threads add.
-#}
{% macro _aj_clustered_variance(measures, error_months, squares) -%}
{#- A stratum's month (under 10,000) as one number: with two join columns the planner may join on the stratum alone. -#}
moments as (
    select
        curves.*,
        strata.members as stratum_members,
        10000 * curves.stratum_id + curves.month as moment
    from curves
    inner join strata on curves.stratum_id = strata.stratum_id
),

history_horizons as (
    select
        histories.stratum_id,
        histories.entry,
        histories.end_time,
        histories.status,
        months.month as horizon,
        10000 * histories.stratum_id + histories.entry as entry_moment,
        10000 * histories.stratum_id + least(histories.end_time, months.month) as end_moment,
        10000 * histories.stratum_id + months.month as horizon_moment,
        sum(histories.{{ squares }}) as squares
    from histories
    inner join months on histories.entry < months.month
    where
        histories.is_seen
        and months.month in ({{ error_months | join(', ') }})
    group by
        histories.stratum_id,
        histories.entry,
        histories.end_time,
        histories.status,
        months.month
),

influences as (
    select
        history.stratum_id,
        history.horizon,
        {{ _history_number('history') }} as history,
        10000 * {{ _history_number('history') }} + history.horizon as history_at_horizon,
        history.squares,
        at_horizon.stratum_members * (
            case
                when history.status = 1 and history.end_time <= history.horizon
                    then at_end.survival_before / at_end.at_risk
                else 0
            end
            - (at_end.cross_sum - at_entry.cross_sum)
            - case
                when history.status > 0 and history.end_time <= history.horizon
                    then coalesce(
                        (at_horizon.incidence - at_end.incidence) / nullif(at_end.at_risk - at_end.ends, 0), 0
                    )
                else 0
            end
            + at_horizon.incidence * (at_end.end_sum - at_entry.end_sum)
            - (at_end.weighted_end_sum - at_entry.weighted_end_sum)
        ) as influence
    from history_horizons as history
    inner join moments as at_entry on history.entry_moment = at_entry.moment
    inner join moments as at_end on history.end_moment = at_end.moment
    inner join moments as at_horizon on history.horizon_moment = at_horizon.moment
),

pair_ends as (
    select
        strata.stratum_id,
        measures.measure,
        pair_counts.entry,
        {{ _aj_end_on_axis(measures, 'pair_counts') }} as clock_end,
        pair_counts.other_entry,
        {{ _aj_end_on_axis(measures, 'pair_counts', 'other_') }} as other_clock_end,
        pair_counts.pairs
    from pair_counts
    inner join {{ ref('dim_period') }} as cohorts
        on
            pair_counts.country = cohorts.country
            and 12 * pair_counts.cohort_year between cohorts.first_month and cohorts.last_month
            and 12 * pair_counts.other_cohort_year between cohorts.first_month and cohorts.last_month
    cross join measures
    inner join strata
        on
            pair_counts.country = strata.country
            and cohorts.period = strata.cohort
            and measures.measure = strata.measure
            and pair_counts.breakdown = strata.breakdown
            and pair_counts.category = strata.category
),

-- Who was never seen has no influence, so that only pairs of members seen find theirs.
pair_histories as (
    select
        stratum_id,
        entry,
        {{ months_to('clock_end', measures) }} as end_time,
        {{ _aj_status(measures, 'measure', 'clock_end') }} as status,
        other_entry,
        {{ months_to('other_clock_end', measures) }} as other_end_time,
        {{ _aj_status(measures, 'measure', 'other_clock_end') }} as other_status,
        pairs
    from pair_ends
),

products as (
    select
        stratum_id,
        horizon,
        squares * influence * influence as product
    from influences

    union all

    select
        pairs.stratum_id,
        one.horizon,
        2 * pairs.pairs * one.influence * two.influence as product
    from pair_histories as pairs
    inner join influences as one on {{ _history_number('pairs') }} = one.history
    inner join influences as two on 10000 * {{ _history_number('pairs', 'other_') }} + one.horizon = two.history_at_horizon
),

variances as (
    select
        products.stratum_id,
        products.horizon as month,
        cast(sum(cast(products.product as decimal(38, 12))) as double)
        / (max(strata.members) * cast(max(strata.members) as double)) as variance
    from products
    inner join strata on products.stratum_id = strata.stratum_id
    group by
        products.stratum_id,
        products.horizon
)
{%- endmacro %}


{#- A history of a stratum as one number, so that it is never joined by a part of what tells it apart. -#}
{%- macro _history_number(alias, prefix='') -%}
    (
        ((10000 * {{ alias }}.stratum_id + {{ alias }}.{{ prefix }}entry + 1) * 10000 + {{ alias }}.{{ prefix }}end_time) * 3
        + {{ alias }}.{{ prefix }}status
    )
{%- endmacro %}


{#- Pairs of a person's members, counted by their histories: the CTEs pairs and pair_counts, read from timed. -#}
{% macro _aj_pairs(measures, breakdowns) -%}
pairs as (
    select
        {{ _aj_pair_columns(measures) }}
        {%- for column in breakdown_columns(breakdowns) -%},
        one.{{ column }}
        {%- endfor %}
    from timed as one
    inner join timed as two
        on
            one.person_id = two.person_id
            and one.origin_month < two.origin_month
    where
        one.repeats
        and two.repeats
),

pair_counts as (
    {{ group_by_breakdowns('pairs', _aj_pair_history(measures), ['count(*) as pairs'], breakdowns) }}
)
{%- endmacro %}


{#- What tells pairs of members (`one`, `two`) apart, as names and as select items. -#}
{% macro _aj_pair_history(measures) %}
{%- set columns = ['country', 'cohort_year'] + _aj_history(measures) -%}
{%- for column in ['cohort_year'] + _aj_history(measures) -%}
    {%- do columns.append('other_' ~ column) -%}
{%- endfor -%}
{{ return(columns) }}
{% endmacro %}


{% macro _aj_pair_columns(measures) -%}
    {%- set history = ['cohort_year'] + _aj_history(measures) -%}
    one.country,
    one.{{ history | join(',\n    one.') }},
    {%- for column in history %}
    two.{{ column }} as other_{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
