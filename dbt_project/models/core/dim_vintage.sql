select
    country,
    max(cutoff_month) as cutoff_month
from {{ ref('stg_deliveries') }}
group by country
