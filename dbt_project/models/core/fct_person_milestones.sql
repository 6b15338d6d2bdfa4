{%- set milestones = [
    'accommodation_closed',
    'died',
    'family_reunited',
    'guardian_appointed',
    'housing_gained',
    'housing_lost',
    'identified',
    'legal_aid_granted',
    'removed',
    'residence_ended',
    'residence_granted',
    'retrafficked',
    'returned',
    'rights_information_given',
    'training_completed',
    'turned_18',
    'work_ended',
    'work_started',
] -%}

-- Events are scanned once, less those, follow-up above all, that change nothing here.
with recorded as (
    select
        person_id,
        event_type,
        outcome,
        subject,
        event_month as recorded_month
    from {{ of_touched(ref('fct_case_events')) }}
    where event_type in ({{ quoted(milestones) }})

    union all

    select
        person_id,
        exit_reason as event_type,
        '' as outcome,
        '' as subject,
        end_month as recorded_month
    from {{ of_touched(ref('fct_support_episodes')) }}
    where exit_reason in ('returned', 'died')

    union all

    -- Everybody has a row.
    select
        person_id,
        '' as event_type,
        '' as outcome,
        '' as subject,
        null as recorded_month
    from {{ of_touched(ref('dim_person')) }}
)

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
    min(case when event_type = 'accommodation_closed' then recorded_month end) as closed_accommodation_month,
    {{ rising_months('recorded_month', "event_type = 'identified' and outcome = 'formal'") }}
        as formal_identification_months,
    {{ rising_months('recorded_month', "event_type = 'identified' and outcome = 'unknown'") }}
        as unspecified_identification_months,
    {{ rising_months('recorded_month', "event_type = 'retrafficked' and outcome = 'service_recorded'") }}
        as retrafficked_months,
    {{ changes_of_state('recorded_month', "event_type = 'work_started'", "event_type = 'work_ended'") }}
        as work_changes,
    {{ changes_of_state('recorded_month', "event_type = 'housing_gained'", "event_type = 'housing_lost'") }}
        as housing_changes,
    {{ changes_of_state(
        'recorded_month',
        "event_type = 'residence_granted' and subject in ('permanent', 'long_term', 'protection')",
        "event_type = 'residence_ended'",
    ) }} as secure_status_changes
from recorded
group by person_id
