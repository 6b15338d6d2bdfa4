{#-
    The currency in which a country's amounts are added: the one that most rows of `relation` bear; of two as
    common, the first by the alphabet. Nothing is converted: an exchange rate would be somebody's choice.
-#}
{% macro most_common_currency(relation) %}
select
    country,
    currency
from (
    select
        country,
        currency,
        row_number() over (
            partition by country
            order by count(*) desc, currency
        ) as place
    from {{ relation }}
    where currency is not null
    group by
        country,
        currency
) as ranked
where place = 1
{% endmacro %}


{#-
    The members of method_r that set money of inspections against money they found: `found` is what they found due,
    `recovered` what came of it. Inspections that found none have nothing to recover and are left out; those that
    do not say what they found are unknown.
-#}
{% macro recovered_by_inspections(found, recovered) %}
with inspections as (
    select *
    from {{ ref('fct_inspections') }}
    where coalesce({{ found }}, 1) > 0
),

currencies as (
    {{ most_common_currency('inspections') }}
)

select
    inspections.country,
    inspections.inspection_month as flow_month,
    inspections.sector,
    inspections.region,
    inspections.employer_key,
    'value' as measure,
    case when currencies.currency is not null then inspections.{{ found }} end as base,
    case when currencies.currency is not null then inspections.{{ recovered }} end as part
from inspections
left join currencies
    on
        inspections.country = currencies.country
        and inspections.currency = currencies.currency
{% endmacro %}
