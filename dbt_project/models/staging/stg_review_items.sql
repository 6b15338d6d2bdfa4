select
    country,
    item,
    kind,
    due_month,
    on_time,
    closed_month,
    changed
from {{ source('landing', 'review_items') }}
qualify rank() over (partition by country order by release_period desc, version desc) = 1
