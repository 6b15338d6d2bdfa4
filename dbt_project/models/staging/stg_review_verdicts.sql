select
    country,
    {{ quarter_end_month('release_period') }} as release_month,
    indicator_id,
    verdict
from {{ source('landing', 'review_verdicts') }}
qualify version = max(version) over (partition by country, release_period)
