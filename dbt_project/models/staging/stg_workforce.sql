select
    delivery_id,
    country,
    provider_key,
    region,
    sector,
    cast(year as integer) as year,
    employed,
    inspectors
from ({{ latest_rows('workforce', ['region', 'sector', 'year']) }}) as latest
