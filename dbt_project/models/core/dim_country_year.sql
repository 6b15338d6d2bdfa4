with observed_years as (
    select
        country,
        {{ year_of('observed_from_month') }} as first_year,
        {{ year_of('observed_to_month') }} as last_year,
        max({{ year_of('observed_to_month') }}) over (
            partition by person_id
            order by observed_from_month
            rows between unbounded preceding and 1 preceding
        ) as counted_to_year
    from {{ ref('fct_observation') }}
),

-- A person with two spells of contact in one year is one person of that year.
spans as (
    select
        country,
        case when counted_to_year >= first_year then counted_to_year + 1 else first_year end as first_year,
        last_year,
        count(*) as persons
    from observed_years
    group by
        country,
        case when counted_to_year >= first_year then counted_to_year + 1 else first_year end,
        last_year
),

bounds as (
    select
        vintage.country,
        {{ year_of('min(providers.observed_from_month)') }} as first_year,
        {{ year_of('max(vintage.cutoff_month)') }} as last_year
    from {{ ref('dim_vintage') }} as vintage
    inner join {{ ref('dim_provider') }} as providers on vintage.country = providers.country
    group by vintage.country
),

years as (
    select
        country,
        cast({{ each_integer('first_year', 'last_year') }} as integer) as year
    from bounds
)

select
    years.country,
    years.year,
    cast(coalesce(sum(spans.persons), 0) as bigint) as persons
from years
left join spans
    on
        years.country = spans.country
        and years.year between spans.first_year and spans.last_year
group by
    years.country,
    years.year
