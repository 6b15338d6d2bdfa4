{%- set spec = ind_spec() -%}
-- More referred than found is an error of the record: no more can be referred than were found.
with members as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        'value' as measure,
        possible_victims as base,
        case
            when referred_to_support <= possible_victims then referred_to_support
            when referred_to_support > possible_victims then possible_victims
        end as part
    from {{ ref('fct_inspections') }}
    where coalesce(possible_victims, 1) > 0

    union all

    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        'persons_shared' as measure,
        workers_met as base,
        case when workers_met is not null then persons_shared end as part
    from {{ ref('fct_inspections') }}
),

estimates as (
    {{ method_r_flow('members', spec, rates={'persons_shared': {'unit': 'per_100_workers', 'scale': 100}}) }}
)

{{ indicator_rows('estimates', spec) }}
