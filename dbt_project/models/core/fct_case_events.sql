{{ config(materialized='view') }}

select
    country,
    person_id,
    provider_key,
    event_key,
    event_type,
    event_month,
    recorded_month,
    claim_key,
    channel,
    outcome,
    subject,
    ground,
    amount,
    currency
from {{ ref('stg_case_events') }}
