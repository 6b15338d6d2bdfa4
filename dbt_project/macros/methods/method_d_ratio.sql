{#-
    D of ratios: the difference between two groups' ratios (method_r_flow), such as possible victims per 1,000 workers
    met with immigration officers and without them. Descriptive, never an effect.

    `members` are those of method_r_flow; their measure is the group: one of `groups` (the second is taken from the
    first), or `unknown`. Groups share no member, so the variance of the difference is the sum of their linearised
    variances, and its interval the normal one.

    Gives each group's ratio (R) and the measure `value` (D): units = those of the smaller group, which is what a
    threshold must protect; unknown = members whose group or whose part is not known.
-#}
{% macro method_d_ratio(members, spec, groups, unit, scale) %}
{%- set rate = {'unit': unit, 'scale': scale} -%}
with ratios_of_groups as (
    {{ method_r_flow(members, spec, rates={groups[0]: rate, groups[1]: rate}) }}
),

compared as (
    select
        country,
        period,
        cohort,
        horizon_months,
        breakdown,
        category,
        {%- for group, name in [(groups[0], 'first'), (groups[1], 'second')] %}
        max(case when measure = '{{ group }}' then estimate end) as {{ name }}_estimate,
        max(case when measure = '{{ group }}' then std_error end) as {{ name }}_std_error,
        coalesce(max(case when measure = '{{ group }}' then units end), 0) as {{ name }}_units,
        {%- endfor %}
        sum(units) as units,
        sum(case when measure = 'unknown' then units else 0 end) as unplaced,
        sum(unknown) as unknown
    from ratios_of_groups
    group by
        country,
        period,
        cohort,
        horizon_months,
        breakdown,
        category
),

differences as (
    select
        *,
        first_estimate - second_estimate as estimate,
        sqrt(first_std_error * first_std_error + second_std_error * second_std_error) as std_error
    from compared
)

select *
from ratios_of_groups
where measure <> 'unknown'

union all

select
    country,
    period,
    cohort,
    'value' as measure,
    horizon_months,
    breakdown,
    category,
    null as numerator,
    null as denominator,
    unknown + unplaced as unknown,
    least(first_units, second_units) as units,
    null as at_risk,
    (units - unplaced) / cast(units + unknown as double) as known_share,
    estimate,
    estimate - {{ z95() }} * std_error as ci_low,
    estimate + {{ z95() }} * std_error as ci_high,
    std_error,
    '{{ unit }}' as unit,
    'D' as method,
    case when estimate is null then 'x' else '' end as flag
from differences
{% endmacro %}
