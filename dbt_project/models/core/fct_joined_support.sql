with episodes as (
    select
        episodes.country,
        episodes.person_key,
        episodes.start_month,
        episodes.end_month,
        coalesce(episodes.end_month, vintage.cutoff_month) as last_month,
        episodes.exit_reason
    from {{ ref('fct_support_episodes') }} as episodes
    inner join {{ ref('dim_vintage') }} as vintage on episodes.country = vintage.country
),

numbered as (
    {{ number_spells('episodes', 'start_month', 'last_month', gap=2) }}
)

select
    country,
    person_key,
    cast(spell_number as integer) as spell_number,
    min(start_month) as start_month,
    case when count(*) = count(end_month) then max(end_month) end as end_month,
    case
        when count(*) = count(end_month)
            then {{ value_at('exit_reason', 'last_month', first=false, only_known=false) }}
    end as exit_reason
from numbered
group by
    country,
    person_key,
    spell_number
