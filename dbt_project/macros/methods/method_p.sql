{#-
    P: the share of members whose answer is yes, among those whose answer is known, for the periods in which
    they fall. Unknown answers are counted beside it, never turned into no (indicators.md, "Methods").

    `members`: one row a member and measure, with
        country, flow_month     when it happened (an integer month)
        measure                 one of spec.measures; a member outside a measure has no row of it
        answer                  yes, no or unknown
        and each of spec.breakdowns.

    Gives the contract's columns but indicator_id, with the Wilson interval and the bounds of `proportion_rows`.
-#}
{% macro method_p(members, spec) %}
with counts as (
    {{ group_by_breakdowns(
        members,
        ['country', 'flow_month', 'measure'],
        [
            "sum(case when answer = 'yes' then 1 else 0 end) as yes",
            "sum(case when answer = 'no' then 1 else 0 end) as no",
            "sum(case when answer = 'unknown' then 1 else 0 end) as unknown",
        ],
        spec.get('breakdowns', []),
    ) }}
),

in_periods as (
    {{ sum_over_periods('counts', ['measure'], ['yes', 'no', 'unknown']) }}
),

placed as (
    select
        *,
        '' as cohort,
        null as horizon_months
    from in_periods
)

{{ proportion_rows('placed', spec, 'P') }}
{% endmacro %}


{#-
    P of persons: somebody with several events in a period is one member of it. `members` as above, with person_id,
    one row an event; breakdowns are the person's. `decides`: the answer (yes or no) that is the person's as soon as
    one event has it; without it, an unknown event leaves the person unknown. Persons do not add up over periods, so
    each period is counted by itself.
-#}
{% macro method_p_persons(members, spec, decides) %}
{%- set other = 'no' if decides == 'yes' else 'yes' -%}
{%- set person = ['members.country', 'periods.period', 'periods.dimensions', 'members.measure'] -%}
{%- for column in breakdown_columns(spec.get('breakdowns', [])) -%}
    {%- do person.append('members.' ~ column) -%}
{%- endfor -%}
with persons as (
    select
        {{ person | join(',\n        ') }},
        case
            when max(case when members.answer = '{{ decides }}' then 1 else 0 end) = 1 then '{{ decides }}'
            when max(case when members.answer = 'unknown' then 1 else 0 end) = 1 then 'unknown'
            else '{{ other }}'
        end as answer
    from {{ members }} as members
    inner join {{ ref('dim_period') }} as periods
        on
            members.country = periods.country
            and members.flow_month between periods.first_month and periods.last_month
    group by
        members.person_id,
        {{ person | join(',\n        ') }}
),

counts as (
    {{ group_by_breakdowns(
        'persons',
        ['country', 'period', 'dimensions', 'measure'],
        [
            "sum(case when answer = 'yes' then 1 else 0 end) as yes",
            "sum(case when answer = 'no' then 1 else 0 end) as no",
            "sum(case when answer = 'unknown' then 1 else 0 end) as unknown",
        ],
        spec.get('breakdowns', []),
    ) }}
),

placed as (
    select
        *,
        '' as cohort,
        null as horizon_months
    from counts
    where
        {{ is_shown('dimensions', 'breakdown') }}
)

{{ proportion_rows('placed', spec, 'P') }}
{% endmacro %}
