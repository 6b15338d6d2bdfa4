{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

answers as (
    select
        outcomes.country,
        outcomes.contact_month as origin_month,
        horizons.horizon_months,
        case
            when outcomes.informed_month <= outcomes.contact_month + horizons.horizon_months then 'yes'
            else 'no'
        end as state,
        {{ person_attributes('outcomes') }}
    from {{ ref('fct_contact_outcomes') }} as outcomes
    cross join horizons
),

recorded as (
    {{ method_s('answers', spec, {'value': 'yes'}, method='P') }}
),

-- What people say themselves: of adults known to providers, not of this cohort, so never pooled with it.
said as (
    {{ method_w({'rights_informed': 'rights_informed'}, spec) }}
),

estimates as (
    select * from recorded
    union all
    select * from said
)

{{ indicator_rows('estimates', spec) }}
