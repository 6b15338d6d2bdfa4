select
    country,
    person_id,
    region,
    start_month,
    end_month,
    {{ as_code('conditional_on_cooperation') }} as conditional_on_cooperation,
    {{ as_code('exit_reason') }} as exit_reason
from {{ of_touched(ref('stg_support_episodes')) }}
