-- What was recorded in cases less its bulk, which says nothing but that somebody was in contact: picked out here once
-- and never looked for again. A fact that two providers report has two rows.
select
    person_id,
    {{ as_code('event_type') }} as event_type,
    event_month,
    {{ claim_id('claim_key') }} as claim_id,
    {{ as_code('channel') }} as channel,
    {{ as_code('outcome') }} as outcome,
    {{ as_code('subject') }} as subject,
    {{ as_code('ground') }} as ground,
    amount,
    currency
from {{ of_touched(ref('fct_case_events')) }}
where event_type not in ('early_support_granted', 'first_contact', 'follow_up')
