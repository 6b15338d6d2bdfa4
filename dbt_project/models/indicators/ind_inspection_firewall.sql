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

-- A firewall needs all four to be known, so that it rests on the same knowledge whichever way it comes out.
firewalls as (
    select
        *,
        case
            when 'unknown' in (immigration_present, police_present, status_checked, data_shared) then 'unknown'
            when 'yes' in (immigration_present, police_present, status_checked, data_shared) then 'no'
            else 'yes'
        end as firewall
    from flows
),

measures (measure) as (
    values ('value'), ('immigration_present'), ('police_present'), ('status_checked'), ('data_shared')
),

members as (
    select
        firewalls.country,
        firewalls.flow_month,
        firewalls.sector,
        firewalls.region,
        measures.measure,
        case measures.measure
            when 'value' then firewalls.firewall
            when 'immigration_present' then firewalls.immigration_present
            when 'police_present' then firewalls.police_present
            when 'status_checked' then firewalls.status_checked
            else firewalls.data_shared
        end as answer
    from firewalls
    cross join measures
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
