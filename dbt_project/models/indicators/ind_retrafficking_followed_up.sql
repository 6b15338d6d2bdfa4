{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

exits as (
    {{ followed_exits() }}
),

-- To have been lost is an answer here, so no state is unknown.
states as (
    select
        exits.*,
        horizons.horizon_months,
        coalesce(
            nullif(
                {{ state_if_known("'observed'", 'exits.origin_month + horizons.horizon_months', 'exits', 'exits') }},
                'unknown'
            ),
            'lost'
        ) as state
    from exits
    cross join horizons
),

estimates as (
    {{ method_s(
        'states',
        spec,
        {'value': 'observed', 'lost': 'lost', 'died': 'died', 'removed': 'removed', 'returned': 'returned'},
    ) }}
)

{{ indicator_rows('estimates', spec) }}
