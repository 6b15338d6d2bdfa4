{%- set spec = ind_spec() -%}
{%- set measures = [{'measure': 'value', 'axis': 'begun', 'events': ['begun']}] -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

-- Everybody of the cohort has begun, so nobody is censored; support recorded before the first contact has no delay.
members as (
    select
        country,
        origin_month,
        -1 as entry,
        {{ clock_end('greatest(origin_month - first_contact_month, 0)', "'begun'", 'false', measures) }} as begun_end,
        case when origin_month <= first_contact_month then 'at_once' else 'later' end as state,
        {{ person_columns() | join(',\n        ') }}
    from {{ ref('fct_support_cohort') }}
),

delays as (
    {{ method_aj('members', spec, measures) }}
),

states as (
    select
        members.*,
        horizons.horizon_months
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
