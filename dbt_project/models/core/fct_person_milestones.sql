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
        {{ as_code('event_type') }} as event_type,
        {{ as_code('outcome') }} as outcome,
        {{ as_code('subject') }} as subject,
        event_month as recorded_month
    from {{ of_touched(ref('fct_case_events')) }}
    where event_type in ({{ quoted(milestones) }})

    union all

    select
        person_id,
        {{ as_code('exit_reason') }} as event_type,
        null as outcome,
        null as subject,
        end_month as recorded_month
    from {{ of_touched(ref('fct_support_episodes')) }}
    where exit_reason in ('returned', 'died')

    union all

    -- Everybody has a row.
    select
        person_id,
        null as event_type,
        null as outcome,
        null as subject,
        null as recorded_month
    from {{ of_touched(ref('dim_person')) }}
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
    group by person_id
),

-- Few people have any of these months, so each array is worked out apart.
formal_identification_months as (
    {{ arrays_by_person('recorded', ['identified'], rising_months('recorded_month', "outcome = 'formal'")) }}
),

unspecified_identification_months as (
    {{ arrays_by_person('recorded', ['identified'], rising_months('recorded_month', "outcome = 'unknown'")) }}
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
    firsts.*,
    formal_identification_months.months as formal_identification_months,
    unspecified_identification_months.months as unspecified_identification_months,
    retrafficked_months.months as retrafficked_months,
    work_changes.months as work_changes,
    housing_changes.months as housing_changes,
    secure_status_changes.months as secure_status_changes
from firsts
left join formal_identification_months on firsts.person_id = formal_identification_months.person_id
left join unspecified_identification_months on firsts.person_id = unspecified_identification_months.person_id
left join retrafficked_months on firsts.person_id = retrafficked_months.person_id
left join work_changes on firsts.person_id = work_changes.person_id
left join housing_changes on firsts.person_id = housing_changes.person_id
left join secure_status_changes on firsts.person_id = secure_status_changes.person_id
