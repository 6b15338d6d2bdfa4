{#-
    Known from registers whether or not anybody is in touch with the person, so they prove no contact. A death or a
    removal isn't among them: whoever was seen within the last six months before it was under observation until it.
-#}
{%- set register_events = [
    'identified',
    'residence_granted',
    'residence_refused',
    'residence_ended',
    'appeal_filed',
    'appeal_decided',
    'remedy_claimed',
    'remedy_decided',
    'remedy_paid',
    'remedy_form',
    'charged',
    'charge_discontinued',
    'detained',
] -%}
{#- Those of them that an indicator asks for. -#}
{%- set register_moments = ['identified', 'residence_granted', 'residence_ended'] -%}

-- Events are scanned once: every person-level first month that an indicator asks for is found here.
with recorded as (
    select
        person_id,
        event_type,
        outcome,
        subject,
        event_month as recorded_month
    from {{ ref('fct_case_events') }}
    where
        event_type in ({{ quoted(register_moments) }})
        or event_type not in ({{ quoted(register_events) }})

    union all

    select
        person_id,
        'support_started' as event_type,
        '' as outcome,
        '' as subject,
        start_month as recorded_month
    from {{ ref('fct_support_episodes') }}

    union all

    select
        person_id,
        'support_ended' as event_type,
        exit_reason as outcome,
        '' as subject,
        end_month as recorded_month
    from {{ ref('fct_support_episodes') }}
    where end_month is not null

    union all

    select
        person_id,
        'first_contact' as event_type,
        '' as outcome,
        '' as subject,
        first_contact_month as recorded_month
    from {{ ref('stg_persons') }}
)

select
    person_id,
    min(case when event_type = 'rights_information_given' then recorded_month end) as informed_month,
    min(case when event_type = 'legal_aid_granted' and outcome = 'free' then recorded_month end) as free_aid_month,
    min(case when event_type = 'legal_aid_granted' and outcome = 'unknown' then recorded_month end)
        as unspecified_aid_month,
    min(case when event_type = 'removed' then recorded_month end) as removed_month,
    min(
        case
            when event_type = 'returned' or (event_type = 'support_ended' and outcome = 'returned')
                then recorded_month
        end
    ) as returned_month,
    min(
        case
            when event_type = 'died' or (event_type = 'support_ended' and outcome = 'died')
                then recorded_month
        end
    ) as died_month,
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
    ) }} as secure_status_changes,
    {{ rising_months('recorded_month', 'event_type not in (' ~ quoted(register_events) ~ ')') }} as contact_months
from recorded
group by person_id
