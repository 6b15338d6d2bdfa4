-- Follow-up, first contact and what only its first month counts of (fct_person_milestones) are left out: the rest is
-- few, so that it is picked out here and never looked for again. A fact that two providers report has two rows.
select
    person_id,
    {{ as_code('event_type') }} as event_type,
    event_month,
    claim_key,
    {{ as_code('channel') }} as channel,
    {{ as_code('outcome') }} as outcome,
    {{ as_code('subject') }} as subject,
    {{ as_code('ground') }} as ground,
    amount,
    currency
from {{ of_touched(ref('fct_case_events')) }}
where
    event_type in (
        'accommodation_closed',
        'accommodation_open',
        'appeal_decided',
        'appeal_filed',
        'charge_discontinued',
        'charged',
        'detained',
        'early_support_denied',
        'remedy_claimed',
        'remedy_decided',
        'remedy_form',
        'remedy_paid',
        'removed',
        'residence_ended',
        'residence_granted',
        'residence_refused',
        'retrafficked',
        'returned'
    )
