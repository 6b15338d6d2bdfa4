select
    country,
    provider_key,
    kind,
    region,
    observed_from_month,
    observed_to_month
from {{ ref('stg_observing_providers') }}
