{%- set spec = ind_spec() -%}
-- Only inspections that found wages owed: the others have nothing to recover.
with inspections as (
    select *
    from {{ ref('fct_inspections') }}
    where wages_owed > 0
),

currencies as (
    {{ most_common_currency('inspections') }}
),

members as (
    select
        inspections.country,
        inspections.inspection_month as flow_month,
        inspections.sector,
        inspections.region,
        case when currencies.currency is not null then inspections.wages_owed end as base,
        case when currencies.currency is not null then inspections.wages_paid end as part
    from inspections
    left join currencies
        on
            inspections.country = currencies.country
            and inspections.currency = currencies.currency
),

estimates as (
    {{ method_r_flow('members', spec, closed_after=12) }}
)

{{ indicator_rows('estimates', spec) }}
