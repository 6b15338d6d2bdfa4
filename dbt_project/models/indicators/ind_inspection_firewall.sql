{%- set spec = ind_spec() -%}
with flows as (
    select
        country,
        inspection_month as flow_month,
        sector,
        region,
        immigration_present,
        police_present,
        case
            when status_checks = 0 then 'no'
            when status_checks > 0 then 'yes'
            else 'unknown'
        end as status_checked,
        case data_shared_with_immigration
            when 'none' then 'no'
            when 'unknown' then 'unknown'
            else 'yes'
        end as data_shared
    from {{ ref('fct_inspections') }}
),

members as (
    -- The answer needs all four, so that it rests on the same knowledge whichever way it comes out.
    select
        country,
        flow_month,
        sector,
        region,
        'value' as measure,
        case
            when 'unknown' in (immigration_present, police_present, status_checked, data_shared) then 'unknown'
            when 'yes' in (immigration_present, police_present, status_checked, data_shared) then 'no'
            else 'yes'
        end as answer
    from flows
    {%- for flow in ['immigration_present', 'police_present', 'status_checked', 'data_shared'] %}

    union all

    select
        country,
        flow_month,
        sector,
        region,
        '{{ flow }}' as measure,
        {{ flow }} as answer
    from flows
    {%- endfor %}
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
