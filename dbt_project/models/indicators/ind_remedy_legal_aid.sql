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
            when outcomes.free_aid_month <= outcomes.contact_month + horizons.horizon_months then 'yes'
            when outcomes.unspecified_aid_month <= outcomes.contact_month + horizons.horizon_months then 'unknown'
            else 'no'
        end as state,
        {{ person_attributes('outcomes') }}
    from {{ ref('fct_contact_outcomes') }} as outcomes
    cross join horizons
),

estimates as (
    {{ method_s('answers', spec, {'value': 'yes'}, method='P') }}
)

{{ indicator_rows('estimates', spec) }}
