{%- set spec = ind_spec() -%}
with inspections as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        violations,
        collective_agreement,
        case
            when trigger in ('worker_complaint', 'union_complaint') then 'yes'
            when trigger = 'unknown' then 'unknown'
            else 'no'
        end as answer
    from {{ ref('fct_inspections') }}
),

begun as (
    select
        *,
        'value' as measure
    from inspections
),

-- Inspections without a violation add nothing to either sum.
found as (
    select
        *,
        'violations' as measure,
        violations as base,
        case answer
            when 'yes' then violations
            when 'no' then 0 * violations
        end as part
    from inspections
    where coalesce(violations, 1) > 0
),

grouped as (
    select
        *,
        case collective_agreement
            when 'yes' then 'collective_agreement'
            when 'no' then 'no_collective_agreement'
        end as group_name,
        case when answer = 'yes' then 1 else 0 end as yes,
        case when answer = 'no' then 1 else 0 end as no,
        case when answer = 'unknown' then 1 else 0 end as unknown
    from inspections
),

proportions as (
    {{ method_p('begun', spec) }}
),

ratios as (
    {{ method_r_flow('found', spec) }}
),

differences as (
    {{ method_d_p(
        'grouped', spec, ['collective_agreement', 'no_collective_agreement'], standard=['sector'], difference='agreement_gap'
    ) }}
),

estimates as (
    select * from proportions
    union all
    select * from ratios
    union all
    select * from differences
)

{{ indicator_rows('estimates', spec) }}
