{#-
    Rows of a proportion among known answers, with a Wilson interval and, for the measure `value`, the bounds
    `unknown_low` (every unknown is no) and `unknown_high` (every unknown is yes).

    `counts`: country, period, cohort, measure, horizon_months, breakdown, category, yes, no, unknown (counts of
    members). `method` is P or S. Where nobody's answer is known the estimate is null and the flag is x.
-#}
{% macro proportion_rows(counts, spec, method) %}
{%- set has_bounds = 'unknown_low' in spec.get('measures', {}) -%}
select
    country,
    period,
    cohort,
    measure,
    horizon_months,
    breakdown,
    category,
    yes as numerator,
    yes + no as denominator,
    unknown,
    yes + no as units,
    null as at_risk,
    (yes + no) / nullif(cast(yes + no + unknown as double), 0) as known_share,
    yes / nullif(cast(yes + no as double), 0) as estimate,
    {{ wilson_low('yes', '(yes + no)') }} as ci_low,
    {{ wilson_high('yes', '(yes + no)') }} as ci_high,
    sqrt(yes * no / nullif(cast(yes + no as double), 0)) / nullif(yes + no, 0) as std_error,
    'share' as unit,
    '{{ method }}' as method,
    case when yes + no = 0 then 'x' else '' end as flag
from {{ counts }}
{%- if has_bounds %}
{%- for bound, numerator in [('unknown_low', 'yes'), ('unknown_high', 'yes + unknown')] %}

union all

select
    country,
    period,
    cohort,
    '{{ bound }}' as measure,
    horizon_months,
    breakdown,
    category,
    {{ numerator }} as numerator,
    yes + no + unknown as denominator,
    0 as unknown,
    yes + no + unknown as units,
    null as at_risk,
    (yes + no) / nullif(cast(yes + no + unknown as double), 0) as known_share,
    ({{ numerator }}) / nullif(cast(yes + no + unknown as double), 0) as estimate,
    null as ci_low,
    null as ci_high,
    null as std_error,
    'share' as unit,
    '{{ method }}' as method,
    case when yes + no + unknown = 0 then 'x' else '' end as flag
from {{ counts }}
where measure = 'value'
{%- endfor %}
{%- endif %}
{% endmacro %}


{#-
    The same for entry cohorts. `counts`: country, cohort_year, measure, horizon_months, breakdown, category, yes,
    no, unknown. A cohort has a row once its last entrant has reached the horizon; the period is that year.
-#}
{% macro cohort_proportion_rows(counts, spec, method) %}
with cohorts as (
    {{ sum_over_cohorts(counts, ['measure', 'horizon_months'], ['yes', 'no', 'unknown']) }}
),

reached as (
    select
        *,
        cast({{ year_of('last_month + horizon_months') }} as varchar) as period
    from cohorts
    where last_month + horizon_months <= cutoff_month
)

{{ proportion_rows('reached', spec, method) }}
{% endmacro %}
