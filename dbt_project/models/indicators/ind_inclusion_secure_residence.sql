{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

entrants as (
    select
        country,
        person_id,
        first_contact_month as origin_month,
        sex,
        age_band,
        form,
        citizenship,
        residence,
        region
    from {{ ref('dim_person') }}
    where residence in ('temporary', 'asylum_seeker', 'irregular')
),

observed as (
    {{ first_observation('entrants', 'origin_month') }}
),

-- Status spells of a person never overlap, so at most one holds the horizon's month.
held as (
    select
        entrants.person_id,
        horizons.horizon_months
    from entrants
    cross join horizons
    inner join {{ ref('fct_residence_status') }} as status
        on
            entrants.person_id = status.person_id
            and entrants.origin_month + horizons.horizon_months >= status.secure_from_month
            and (
                status.ended_month is null
                or entrants.origin_month + horizons.horizon_months < status.ended_month
            )
),

states as (
    select
        entrants.*,
        horizons.horizon_months,
        {{ state_if_known(
            "case when held.person_id is null then 'not_secure' else 'secure' end",
            'entrants.origin_month + horizons.horizon_months',
            'milestones',
            'observed',
        ) }} as state
    from entrants
    cross join horizons
    inner join {{ ref('fct_person_milestones') }} as milestones on entrants.person_id = milestones.person_id
    left join observed
        on
            entrants.person_id = observed.person_id
    left join held
        on
            entrants.person_id = held.person_id
            and horizons.horizon_months = held.horizon_months
),

estimates as (
    {{ method_s(
        'states',
        spec,
        {'value': 'secure', 'died': 'died', 'removed': 'removed', 'returned': 'returned'},
    ) }}
)

{{ indicator_rows('estimates', spec) }}
