{%- set spec = ind_spec() -%}
{%- set reasons = [
    'completed', 'independent', 'lost_contact', 'returned', 'transferred', 'died', 'other', 'unknown',
] -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

entrants as (
    select
        persons.country,
        support.person_id,
        support.start_month as origin_month,
        support.end_month,
        support.exit_reason,
        persons.sex,
        persons.age_band,
        persons.form,
        persons.citizenship,
        persons.residence,
        persons.region
    from {{ ref('fct_joined_support') }} as support
    inner join {{ ref('dim_person') }} as persons on support.person_id = persons.person_id
    where support.spell_number = 1
),

observed as (
    {{ first_observation('entrants', 'origin_month') }}
),

followed as (
    select
        entrants.*,
        observed.observed_from_month,
        observed.observed_to_month,
        observed.ended_by
    from entrants
    left join observed on entrants.person_id = observed.person_id
),

-- The state is that at the end of the month, as in the incidence of exits: a last month of support is an exit.
-- Joined spells of a person never overlap, so at most one holds; it need not be the first.
supported as (
    select
        entrants.person_id,
        horizons.horizon_months
    from entrants
    cross join horizons
    inner join {{ ref('fct_joined_support') }} as support
        on
            entrants.person_id = support.person_id
            and entrants.origin_month + horizons.horizon_months >= support.start_month
            and (
                support.end_month is null
                or entrants.origin_month + horizons.horizon_months < support.end_month
            )
),

states as (
    select
        followed.*,
        horizons.horizon_months,
        {{ state_if_known(
            "case when supported.person_id is null then 'out_of_support' else 'in_support' end",
            'followed.origin_month + horizons.horizon_months',
            'milestones',
            'followed',
        ) }} as state
    from followed
    cross join horizons
    inner join {{ ref('fct_person_milestones') }} as milestones on followed.person_id = milestones.person_id
    left join supported
        on
            followed.person_id = supported.person_id
            and horizons.horizon_months = supported.horizon_months
),

shares as (
    {{ method_s('states', spec, {'value': 'in_support'}) }}
),

-- The first joined support from its start to its exit; still open, to the end of observation.
members as (
    select
        *,
        'support' as axis,
        case
            when observed_from_month <= origin_month then -1
            else coalesce(observed_from_month - origin_month, 0)
        end as entry,
        coalesce(end_month, observed_to_month, origin_month) - origin_month as duration,
        coalesce(exit_reason, '') as cause,
        end_month is null and coalesce(ended_by, 'lapse') <> 'cutoff' as lost
    from followed
),

exits as (
    {%- set measures = [] %}
    {%- for reason in reasons %}
    {%- do measures.append({
        'measure': 'exit_' ~ reason,
        'axis': 'support',
        'events': [reason],
        'competing': reasons | reject('equalto', reason) | list,
    }) %}
    {%- endfor %}
    {{ method_aj('members', spec, measures) }}
),

estimates as (
    select * from shares
    union all
    select * from exits
)

{{ indicator_rows('estimates', spec) }}
