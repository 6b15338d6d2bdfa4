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
