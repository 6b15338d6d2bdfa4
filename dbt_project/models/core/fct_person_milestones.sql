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

-- Events are scanned once: every person-level first month that an indicator asks for is found here.
with recorded as (
    select
        person_id,
        event_type,
        outcome,
        event_month as recorded_month
    from {{ ref('fct_case_events') }}
    where
        event_type not in (
            {%- for event in register_events %}
            '{{ event }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

    union all

    select
        person_id,
        'support_started' as event_type,
        '' as outcome,
        start_month as recorded_month
    from {{ ref('fct_support_episodes') }}

    union all

    select
        person_id,
        'support_ended' as event_type,
        exit_reason as outcome,
        end_month as recorded_month
    from {{ ref('fct_support_episodes') }}
    where end_month is not null

    union all

    select
        person_id,
        'first_contact' as event_type,
        '' as outcome,
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
    {{ rising_months('recorded_month') }} as contact_months
from recorded
group by person_id
