{#-
    S: the share in a state at each horizon among cohort members whose state is then known (observed, or died,
    removed or returned, which are states of their own), with the bounds for those whose state is not.

    `states`: one row a member and horizon, with country, origin_month, horizon_months, state (`unknown` where it
    is not known) and each of spec.breakdowns. `measures`: {measure: the state it counts}. `method` is P where the
    state is an answer about the time up to the horizon that needs nobody to be seen at it.
-#}
{% macro method_s(states, spec, measures, method='S') %}
with dated as (
    select
        country,
        {{ year_of('origin_month') }} as cohort_year,
        horizon_months,
        {%- for column in breakdown_columns(spec.get('breakdowns', [])) %}
        {{ column }},
        {%- endfor %}
        state
    from {{ states }}
),

state_counts as (
    {{ group_by_breakdowns(
        'dated',
        ['country', 'cohort_year', 'horizon_months', 'state'],
        ['count(*) as members'],
        spec.get('breakdowns', []),
    ) }}
),

counted_states (measure, counted_state) as (
    values
    {%- for measure, state in measures.items() %}
    ('{{ measure }}', '{{ state }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

answers as (
    select
        counts.country,
        counts.cohort_year,
        counted.measure,
        counts.horizon_months,
        counts.breakdown,
        counts.category,
        sum(case when counts.state = counted.counted_state then counts.members else 0 end) as yes,
        sum(case when counts.state not in (counted.counted_state, 'unknown') then counts.members else 0 end) as no,
        sum(case when counts.state = 'unknown' then counts.members else 0 end) as unknown
    from state_counts as counts
    cross join counted_states as counted
    group by
        counts.country,
        counts.cohort_year,
        counted.measure,
        counts.horizon_months,
        counts.breakdown,
        counts.category
)

select * from ({{ cohort_proportion_rows('answers', spec, method) }}) as proportions
{% endmacro %}


{#-
    `state` at `month` once death, removal and return have had their say, and `unknown` unless the person is then
    observed. `milestones` and `observed` are aliases: the person's milestones and the spell of contact since the origin.
-#}
{% macro state_if_known(state, month, milestones, observed) -%}
    case
        when {{ milestones }}.died_month <= {{ month }} then 'died'
        when {{ milestones }}.removed_month <= {{ month }} then 'removed'
        when {{ milestones }}.returned_month <= {{ month }} then 'returned'
        when {{ month }} between {{ observed }}.observed_from_month and {{ observed }}.observed_to_month
            then {{ state }}
        else 'unknown'
    end
{%- endmacro %}
