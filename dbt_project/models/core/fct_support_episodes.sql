select
    country,
    provider_key,
    episode_key,
    person_id,
    region,
    start_month,
    end_month,
    conditional_on_cooperation,
    exit_reason,
    services
from {{ of_touched(ref('stg_support_episodes')) }}
