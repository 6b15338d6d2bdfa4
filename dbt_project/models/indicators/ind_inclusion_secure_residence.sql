{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

entrants as (
    select
        cohort.*,
        horizons.horizon_months,
        cohort.origin_month + horizons.horizon_months as horizon_month
    from {{ ref('fct_contact_cohort') }} as cohort
    cross join horizons
    where cohort.residence in ('temporary', 'asylum_seeker', 'irregular')
),

-- Status spells of a person never overlap, so at most one holds the horizon's month.
states as (
    select
        entrants.*,
        {{ state_if_known(
            "case when status.person_id is null then 'not_secure' else 'secure' end",
            'entrants.horizon_month',
            'entrants',
            'entrants',
        ) }} as state
    from entrants
    left join {{ ref('fct_residence_status') }} as status
        on
            entrants.person_id = status.person_id
            and entrants.horizon_month >= status.secure_from_month
            and entrants.horizon_month < coalesce(status.ended_month, {{ open_end() }})
),

estimates as (
    {{ method_s(
        'states',
        spec,
        {'value': 'secure', 'died': 'died', 'removed': 'removed', 'returned': 'returned'},
    ) }}
)

{{ indicator_rows('estimates', spec) }}
