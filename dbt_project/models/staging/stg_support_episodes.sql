select
    delivery_id,
    country,
    provider_key,
    episode_key,
    {{ person_id('country', 'person_key') }} as person_id,
    region,
    {{ month_number('start_month') }} as start_month,
    {{ month_number('end_month') }} as end_month,
    conditional_on_cooperation,
    exit_reason,
    services
from ({{ latest_rows('support_episodes', ['episode_key']) }}) as latest
