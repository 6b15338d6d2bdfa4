{#-
    W: design-weighted shares of survey items among adults known to participating providers, for the periods in
    which waves closed. core.fct_survey_shares holds the estimates: raking and linearised variance are no work for
    SQL (docs/decisions/0019).

    `items`: {measure: survey item}; each of spec.measures but the bounds, which follow the measure `value`.

    Gives the contract's columns but indicator_id: numerator and denominator count persons who answered, so they
    do not divide to the weighted estimate.
-#}
{% macro method_w(items, spec) %}
with measures (measure, item) as (
    values
    {%- for measure, item in items.items() %}
    ('{{ measure }}', '{{ item }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

shares as (
    select
        measures.measure,
        shares.*
    from {{ ref('fct_survey_shares') }} as shares
    inner join measures on shares.item = measures.item
    where shares.breakdown in ('total'{% for name in spec.get('breakdowns', []) %}, '{{ name }}'{% endfor %})
)

select
    country,
    period,
    '' as cohort,
    measure,
    null as horizon_months,
    breakdown,
    category,
    yes as numerator,
    yes + no as denominator,
    unknown,
    yes + no as units,
    null as at_risk,
    (yes + no) / nullif(cast(yes + no + unknown as double), 0) as known_share,
    estimate,
    ci_low,
    ci_high,
    std_error,
    'share' as unit,
    'W' as method,
    flag
from shares
{%- if 'unknown_low' in spec.get('measures', {}) %}
{%- for bound, numerator in [('unknown_low', 'yes'), ('unknown_high', 'yes + unknown')] %}

union all

select
    country,
    period,
    '' as cohort,
    '{{ bound }}' as measure,
    null as horizon_months,
    breakdown,
    category,
    {{ numerator }} as numerator,
    yes + no + unknown as denominator,
    0 as unknown,
    yes + no + unknown as units,
    null as at_risk,
    (yes + no) / nullif(cast(yes + no + unknown as double), 0) as known_share,
    {{ bound }} as estimate,
    null as ci_low,
    null as ci_high,
    null as std_error,
    'share' as unit,
    'W' as method,
    case when {{ bound }} is null then 'x' else flag end as flag
from shares
where measure = 'value'
{%- endfor %}
{%- endif %}
{% endmacro %}
