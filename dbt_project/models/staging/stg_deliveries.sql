select
    delivery_id,
    source,
    provider_key,
    country,
    period_first_month,
    period_last_month,
    cutoff_month,
    row_number() over (order by period_last_month, sent_month, delivery_id) as delivery_rank,
    dense_rank() over (order by country, provider_key) as provider_number
from {{ source('landing', 'vintage') }}
where status = 'accepted'
