{%- set spec = ind_spec() -%}
with members as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        case immigration_present
            when 'yes' then 'immigration_present'
            when 'no' then 'immigration_absent'
            else 'unknown'
        end as measure,
        workers_met as base,
        case when workers_met is not null then possible_victims end as part
    from {{ ref('fct_inspections') }}
),

estimates as (
    {{ method_d_ratio('members', spec, ['immigration_present', 'immigration_absent'], 'per_1000_workers', 1000) }}
)

{{ indicator_rows('estimates', spec) }}
