{%- set spec = ind_spec() -%}
-- An inspection not known to be of a public contractor may be of one: its answer is unknown.
with members as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        'value' as measure,
        case
            when public_contractor = 'unknown' or violations is null then 'unknown'
            when violations > 0 then 'yes'
            else 'no'
        end as answer
    from {{ ref('fct_inspections') }}
    where public_contractor <> 'no'
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
