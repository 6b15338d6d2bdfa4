select
    delivery_id,
    country,
    provider_key,
    event_key,
    {{ person_id('country', 'person_key') }} as person_id,
    {{ month_number('event_month') }} as event_month,
    {{ month_number('recorded_month') }} as recorded_month,
    event_type,
    claim_key,
    channel,
    outcome,
    subject,
    ground,
    cast(amount as decimal(18, 2)) as amount,
    currency
from ({{ accepted_rows('case_events') }}) as accepted
