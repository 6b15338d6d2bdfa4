select
    delivery_id,
    country,
    provider_key,
    kind,
    region,
    {{ month_number('observed_from') }} as observed_from_month,
    {{ month_number('observed_to') }} as observed_to_month
from ({{ latest_rows('providers', []) }}) as latest
