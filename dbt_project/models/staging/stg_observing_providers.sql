-- A provider has observed what it has delivered: the months it names, inside those its deliveries span.
with delivering as (
    select
        country,
        provider_key,
        min(period_first_month) as first_delivered_month,
        max(period_last_month) as last_delivered_month
    from {{ ref('stg_deliveries') }}
    group by
        country,
        provider_key
)

select
    delivering.country,
    delivering.provider_key,
    coalesce(providers.kind, 'unknown') as kind,
    coalesce(providers.region, 'unknown') as region,
    greatest(
        coalesce(providers.observed_from_month, delivering.first_delivered_month),
        delivering.first_delivered_month
    ) as observed_from_month,
    least(
        coalesce(providers.observed_to_month, delivering.last_delivered_month),
        delivering.last_delivered_month
    ) as observed_to_month
from delivering
left join {{ ref('stg_providers') }} as providers
    on
        delivering.country = providers.country
        and delivering.provider_key = providers.provider_key
