{%- set spec = ind_spec() -%}
with members as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        case due_diligence_plan
            when 'yes' then 'with_plan'
            when 'no' then 'without_plan'
            else 'unknown'
        end as measure,
        1 as base,
        violations as part
    from {{ ref('fct_inspections') }}
),

estimates as (
    {{ method_d_ratio('members', spec, ['with_plan', 'without_plan'], 'violations_per_inspection', 1) }}
)

{{ indicator_rows('estimates', spec) }}
