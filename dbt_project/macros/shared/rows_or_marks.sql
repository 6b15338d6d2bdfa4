{#-
    For indicators of the reviews: `estimates`, and a marked row of the total for every period and measure without
    one. x until the first review of the country has closed, z where later there was nothing to count.
-#}
{% macro rows_or_marks(estimates, spec) %}
select * from {{ estimates }}

union all

select
    periods.country,
    periods.period,
    '' as cohort,
    measures.measure,
    null as horizon_months,
    'total' as breakdown,
    '' as category,
    0 as numerator,
    0 as denominator,
    0 as unknown,
    0 as units,
    null as at_risk,
    null as known_share,
    null as estimate,
    null as ci_low,
    null as ci_high,
    null as std_error,
    'share' as unit,
    'P' as method,
    case when periods.last_month >= reviews.first_month then 'z' else 'x' end as flag
from {{ ref('dim_period') }} as periods
cross join (
    values
    {%- for measure in spec.get('measures', {'value': ''}) %}
    ('{{ measure }}'){{ ',' if not loop.last }}
    {%- endfor %}
) as measures (measure)
left join (
    select
        country,
        min(release_month) as first_month
    from {{ ref('stg_review_verdicts') }}
    group by country
) as reviews on periods.country = reviews.country
anti join {{ estimates }} as estimated
    on
        periods.country = estimated.country
        and periods.period = estimated.period
        and measures.measure = estimated.measure
{% endmacro %}
