{#-
    Incidences turned round: the share to whom the event had not happened, with the interval turned too; an upper
    bound of the event becomes the lower bound of this share. The rows of other measures stay as they are. `rows` has
    the contract's columns but indicator_id.
-#}
{% macro without_the_event(rows, measures) %}
select
    country,
    period,
    cohort,
    case measure
        when 'unknown_low' then 'unknown_high'
        when 'unknown_high' then 'unknown_low'
        else measure
    end as measure,
    horizon_months,
    breakdown,
    category,
    case when is_turned then denominator - numerator else numerator end as numerator,
    denominator,
    unknown,
    units,
    at_risk,
    known_share,
    case when is_turned then 1 - estimate else estimate end as estimate,
    case when is_turned then 1 - ci_high else ci_low end as ci_low,
    case when is_turned then 1 - ci_low else ci_high end as ci_high,
    std_error,
    unit,
    method,
    flag
from (
    select
        *,
        measure in ('{{ measures | join("', '") }}') as is_turned
    from {{ rows }}
) as marked
{% endmacro %}
