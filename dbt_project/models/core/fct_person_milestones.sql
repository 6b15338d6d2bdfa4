{#- Whose first months count; the others are read for what follows one another. -#}
{%- set firsts = [
    'accommodation_closed',
    'died',
    'family_reunited',
    'guardian_appointed',
    'legal_aid_granted',
    'removed',
    'residence_granted',
    'returned',
    'rights_information_given',
    'training_completed',
    'turned_18',
] -%}

with recorded as {{ inlined() }} (
    select
        person_id,
        event_type,
        outcome,
        subject,
        event_month as recorded_month
    from {{ of_touched(ref('fct_case_facts')) }}

    union all

    select
        person_id,
        exit_reason as event_type,
        null as outcome,
        null as subject,
        end_month as recorded_month
    from {{ of_touched(ref('fct_support_episodes')) }}
    where exit_reason in ('returned', 'died')
),

firsts as (
    select
        person_id,
        min(case when event_type = 'rights_information_given' then recorded_month end) as informed_month,
        min(case when event_type = 'legal_aid_granted' and outcome = 'free' then recorded_month end) as free_aid_month,
        min(case when event_type = 'legal_aid_granted' and outcome = 'unknown' then recorded_month end)
            as unspecified_aid_month,
        min(case when event_type = 'removed' then recorded_month end) as removed_month,
        min(case when event_type = 'returned' then recorded_month end) as returned_month,
        min(case when event_type = 'died' then recorded_month end) as died_month,
        min(case when event_type = 'residence_granted' then recorded_month end) as first_residence_month,
        min(case when event_type = 'training_completed' then recorded_month end) as trained_month,
        min(case when event_type = 'family_reunited' then recorded_month end) as reunited_month,
        min(case when event_type = 'turned_18' then recorded_month end) as turned_18_month,
        min(case when event_type = 'guardian_appointed' and outcome = 'independent' then recorded_month end)
            as independent_guardian_month,
        min(case when event_type = 'guardian_appointed' and outcome = 'unknown' then recorded_month end)
            as unspecified_guardian_month,
        min(case when event_type = 'accommodation_closed' then recorded_month end) as closed_accommodation_month
    from recorded
    where event_type in ({{ quoted(firsts) }})
    group by person_id
),

-- Few people have any of these months, so each array is worked out apart.
identifications as (
    select
        person_id,
        {{ rising_months('recorded_month', "outcome = 'formal'") }} as formal_months,
        {{ rising_months('recorded_month', "outcome = 'unknown'") }} as unspecified_months
    from recorded
    where event_type = 'identified'
    group by person_id
),

retrafficked_months as (
    {{ arrays_by_person(
        'recorded',
        ['retrafficked'],
        rising_months('recorded_month', "outcome = 'service_recorded'"),
    ) }}
),

work_changes as (
    {{ arrays_by_person(
        'recorded',
        ['work_started', 'work_ended'],
        changes_of_state('recorded_month', "event_type = 'work_started'", "event_type = 'work_ended'"),
    ) }}
),

housing_changes as (
    {{ arrays_by_person(
        'recorded',
        ['housing_gained', 'housing_lost'],
        changes_of_state('recorded_month', "event_type = 'housing_gained'", "event_type = 'housing_lost'"),
    ) }}
),

secure_status_changes as (
    {{ arrays_by_person(
        'recorded',
        ['residence_granted', 'residence_ended'],
        changes_of_state(
            'recorded_month',
            "event_type = 'residence_granted' and subject in ('permanent', 'long_term', 'protection')",
            "event_type = 'residence_ended'",
        ),
    ) }}
)

select
    persons.person_id,
    firsts.informed_month,
    firsts.free_aid_month,
    firsts.unspecified_aid_month,
    firsts.removed_month,
    firsts.returned_month,
    firsts.died_month,
    firsts.first_residence_month,
    firsts.trained_month,
    firsts.reunited_month,
    firsts.turned_18_month,
    firsts.independent_guardian_month,
    firsts.unspecified_guardian_month,
    firsts.closed_accommodation_month,
    identifications.formal_months as formal_identification_months,
    identifications.unspecified_months as unspecified_identification_months,
    retrafficked_months.months as retrafficked_months,
    work_changes.months as work_changes,
    housing_changes.months as housing_changes,
    secure_status_changes.months as secure_status_changes
from {{ of_touched(ref('dim_person')) }} as persons
left join firsts on persons.person_id = firsts.person_id
left join identifications on persons.person_id = identifications.person_id
left join retrafficked_months on persons.person_id = retrafficked_months.person_id
left join work_changes on persons.person_id = work_changes.person_id
left join housing_changes on persons.person_id = housing_changes.person_id
left join secure_status_changes on persons.person_id = secure_status_changes.person_id
