{%- set small_country = 200 -%}

with bounds as (
    select
        vintage.country,
        min(providers.observed_from_month) as first_observed_month,
        max(vintage.cutoff_month) as cutoff_month
    from {{ ref('dim_vintage') }} as vintage
    inner join {{ ref('dim_provider') }} as providers on vintage.country = providers.country
    group by vintage.country
),

years as (
    select
        country,
        year,
        12 * year as first_month,
        cast(year as varchar) as year_text,
        persons >= {{ small_country }} as is_large
    from {{ ref('dim_country_year') }}
),

periods as (
    select
        years.country,
        years.year_text || 'Q' || cast(quarters.number as varchar) as period,
        'quarter' as kind,
        years.first_month + 3 * quarters.number - 3 as first_month,
        years.first_month + 3 * quarters.number - 1 as last_month,
        true as has_breakdowns
    from years
    cross join (values (1), (2), (3), (4)) as quarters (number)
    where years.is_large

    union all

    select
        country,
        year_text as period,
        'year' as kind,
        first_month,
        first_month + 11 as last_month,
        is_large as has_breakdowns
    from years

    union all

    select
        country,
        cast(year - 2 as varchar) || '-' || year_text as period,
        'years' as kind,
        first_month - 24 as first_month,
        first_month + 11 as last_month,
        true as has_breakdowns
    from years
)

-- Whole periods only: one that the cut-off or the start of observation cuts short would mislead.
select
    periods.country,
    periods.period,
    periods.kind,
    periods.first_month,
    periods.last_month,
    periods.has_breakdowns,
    bounds.cutoff_month
from periods
inner join bounds
    on
        periods.country = bounds.country
        and periods.first_month >= bounds.first_observed_month
        and periods.last_month <= bounds.cutoff_month
