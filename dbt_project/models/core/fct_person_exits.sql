with exits as (
    select
        person_id,
        spell_number,
        end_month as exit_month,
        exit_reason,
        count(*) over (partition by person_id) > 1 as repeats
    from {{ of_touched(ref('fct_joined_support')) }}
    where exit_reason not in ('transferred', 'died')
),

-- Few people meet these events, so they are picked out before they meet the exits.
later as (
    select
        exits.person_id,
        exits.spell_number,
        min(case when events.event_type = 'retrafficked' then events.event_month end) as retrafficked_month,
        min(case when events.event_type = 'removed' then events.event_month end) as removed_month,
        min(case when events.event_type = 'returned' then events.event_month end) as returned_month
    from {{ ref('fct_case_facts') }} as events
    inner join exits
        on
            events.person_id = exits.person_id
            and events.event_month >= exits.exit_month
    where
        events.event_type in ('removed', 'returned')
        or (events.event_type = 'retrafficked' and events.outcome = 'service_recorded')
    group by
        exits.person_id,
        exits.spell_number
)

select
    persons.country,
    exits.person_id,
    exits.spell_number,
    exits.exit_month,
    exits.exit_reason,
    observed.observed_from_month,
    observed.observed_to_month,
    observed.ended_by as observation_ended_by,
    later.retrafficked_month,
    later.removed_month,
    case when exits.exit_reason = 'returned' then exits.exit_month else later.returned_month end as returned_month,
    milestones.died_month,
    milestones.closed_accommodation_month,
    vintage.cutoff_month,
    exits.repeats,
    {{ person_attributes('persons') }}
from exits
inner join {{ ref('dim_person') }} as persons on exits.person_id = persons.person_id
inner join {{ ref('dim_vintage') }} as vintage on persons.country = vintage.country
inner join {{ ref('fct_person_milestones') }} as milestones on exits.person_id = milestones.person_id
left join {{ ref('fct_observation') }} as observed on {{ is_first_observation('observed', 'exits', 'exit_month') }}
left join later
    on
        exits.person_id = later.person_id
        and exits.spell_number = later.spell_number
