{#-
    The contracted schema of every indicator (one row a country, period, cohort, measure, horizon, breakdown and
    category). Estimates are rounded here, to 9 decimals, and nowhere earlier. `rows` has every column but
    indicator_id.
-#}
{% macro indicator_rows(rows, spec) %}
select
    cast('{{ spec.get('id', '') }}' as varchar) as indicator_id,
    cast(country as varchar) as country,
    cast(period as varchar) as period,
    cast(cohort as varchar) as cohort,
    cast(measure as varchar) as measure,
    cast(horizon_months as integer) as horizon_months,
    cast(breakdown as varchar) as breakdown,
    cast(category as varchar) as category,
    cast(numerator as decimal(20, 2)) as numerator,
    cast(denominator as decimal(20, 2)) as denominator,
    cast(unknown as decimal(20, 2)) as unknown,
    cast(units as bigint) as units,
    cast(at_risk as bigint) as at_risk,
    {%- for column in ['known_share', 'estimate', 'ci_low', 'ci_high', 'std_error'] %}
    round(cast({{ column }} as double), 9) as {{ column }},
    {%- endfor %}
    cast(unit as varchar) as unit,
    cast(method as varchar) as method,
    cast(flag as varchar) as flag
from {{ rows }}
order by
    country,
    period,
    cohort,
    measure,
    horizon_months,
    breakdown,
    category
{% endmacro %}
