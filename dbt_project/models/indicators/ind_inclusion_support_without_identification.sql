{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

-- Identification is a register event: it is seen whatever the contact, so nobody's answer is lost.
states as (
    select
        cohort.country,
        cohort.origin_month,
        horizons.horizon_months,
        case
            when
                {{ first_month_since('cohort.formal_identification_months', 0) }}
                <= cohort.first_contact_month + horizons.horizon_months
                then 'identified'
            when
                {{ first_month_since('cohort.unspecified_identification_months', 0) }}
                <= cohort.first_contact_month + horizons.horizon_months
                then 'unknown'
            else 'not_identified'
        end as state,
        {{ person_attributes('cohort') }}
    from {{ ref('fct_support_cohort') }} as cohort
    cross join horizons
),

estimates as (
    {{ method_s('states', spec, {'value': 'not_identified'}, method='P') }}
)

{{ indicator_rows('estimates', spec) }}
