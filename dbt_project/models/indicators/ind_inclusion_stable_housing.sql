{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

held as (
    select
        cohort.*,
        horizons.horizon_months,
        cohort.origin_month + horizons.horizon_months as horizon_month,
        {{ state_at(
            'cohort.housing_changes',
            'cohort.origin_month + horizons.horizon_months',
            'cohort.stable_housing_at_start',
        ) }} as answer
    from {{ ref('fct_support_cohort') }} as cohort
    cross join horizons
),

states as (
    select
        *,
        {{ state_if_known(
            "case answer when 'yes' then 'housed' when 'no' then 'not_housed' else 'unknown' end",
            'horizon_month',
            'held',
            'held',
        ) }} as state
    from held
),

estimates as (
    {{ method_s(
        'states',
        spec,
        {'value': 'housed', 'died': 'died', 'removed': 'removed', 'returned': 'returned'},
    ) }}
)

{{ indicator_rows('estimates', spec) }}
