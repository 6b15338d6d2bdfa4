with episodes as (
    select
        person_id,
        start_month,
        end_month,
        coalesce(end_month, {{ open_end() }}) as last_month,
        exit_reason
    from {{ of_touched(ref('fct_support_episodes')) }}
),

-- Most people have one episode: for them there is nothing to join.
repeating as (
    select person_id
    from episodes
    group by person_id
    having count(*) > 1
),

repeated as (
    select *
    from episodes
    where person_id in (select repeating.person_id from repeating)
),

numbered as (
    {{ number_spells('repeated', 'start_month', 'last_month', gap=2) }}
)

select
    person_id,
    1 as spell_number,
    start_month,
    end_month,
    case when end_month is not null then exit_reason end as exit_reason
from episodes
where person_id not in (select repeating.person_id from repeating)

union all

select
    person_id,
    cast(spell_number as integer) as spell_number,
    min(start_month) as start_month,
    case when count(*) = count(end_month) then max(end_month) end as end_month,
    case
        when count(*) = count(end_month)
            then {{ as_code(value_at('exit_reason', 'last_month', first=false, only_known=false)) }}
    end as exit_reason
from numbered
group by
    person_id,
    spell_number
