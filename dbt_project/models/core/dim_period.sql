{#-
    Under 200 persons a year a year has totals only (indicators.md). Women, men, girls and boys take 25,000
    persons, counted once a year, any other two dimensions at once 200,000: with fewer, groups under the threshold
    hide more than groups over it show (docs/decisions/0021).
-#}
{%- set small_country = 200 -%}
{%- set sex_and_age_group_from = 25000 -%}
{%- set crossed_from = 200000 -%}

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
        persons,
        persons >= {{ small_country }} as is_large,
        sum(persons) over (
            partition by country
            order by year
            rows between 2 preceding and current row
        ) as persons_of_three_years
    from {{ ref('dim_country_year') }}
),

periods as (
    select
        years.country,
        years.year_text || 'Q' || cast(quarters.number as varchar) as period,
        'quarter' as kind,
        years.first_month + 3 * quarters.number - 3 as first_month,
        years.first_month + 3 * quarters.number - 1 as last_month,
        1 as dimensions
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
        case
            when persons >= {{ crossed_from }} then 3
            when persons >= {{ sex_and_age_group_from }} then 2
            when is_large then 1
            else 0
        end as dimensions
    from years

    union all

    select
        country,
        cast(year - 2 as varchar) || '-' || year_text as period,
        'years' as kind,
        first_month - 24 as first_month,
        first_month + 11 as last_month,
        case
            when persons_of_three_years >= {{ crossed_from }} then 3
            when persons_of_three_years >= {{ sex_and_age_group_from }} then 2
            else 1
        end as dimensions
    from years
)

-- Whole periods only: one that the cut-off or the start of observation cuts short would mislead.
select
    periods.country,
    periods.period,
    periods.kind,
    periods.first_month,
    periods.last_month,
    periods.dimensions,
    bounds.cutoff_month
from periods
inner join bounds
    on
        periods.country = bounds.country
        and periods.first_month >= bounds.first_observed_month
        and periods.last_month <= bounds.cutoff_month
