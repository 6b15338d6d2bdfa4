-- Each fact once, whichever providers report it. Few people meet these events, so that they are picked out here and
-- never looked for among all events again.
select distinct
    person_id,
    event_type,
    event_month,
    claim_key,
    outcome,
    subject,
    ground
from {{ ref('fct_case_events') }}
where
    event_type in (
        'appeal_decided',
        'appeal_filed',
        'charge_discontinued',
        'charged',
        'detained',
        'early_support_denied',
        'remedy_form',
        'residence_refused'
    )
