{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

-- Everybody of the cohort has begun, so nobody is censored; support recorded before the first contact has no delay.
members as (
    select
        country,
        origin_month,
        'begun' as axis,
        -1 as entry,
        greatest(origin_month - first_contact_month, 0) as duration,
        'begun' as cause,
        false as lost,
        {{ person_columns() | join(',\n        ') }}
    from {{ ref('fct_support_cohort') }}
),

delays as (
    {{ method_aj('members', spec, [{'measure': 'value', 'axis': 'begun', 'events': ['begun']}]) }}
),

states as (
    select
        members.*,
        horizons.horizon_months,
        case when members.duration = 0 then 'at_once' else 'later' end as state
    from members
    cross join horizons
),

beginnings as (
    {{ method_s('states', spec, {'at_once': 'at_once'}, method='P') }}
),

estimates as (
    select * from delays
    union all
    select * from beginnings
)

{{ indicator_rows('estimates', spec) }}
