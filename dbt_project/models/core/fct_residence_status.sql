{#- A status granted in the month in which another ended begins after that end: ends sort first. -#}
with changes as (
    select
        person_id,
        event_month,
        case when event_type = 'residence_ended' then 0 else 1 end as is_grant
    from {{ of_touched(ref('fct_case_facts')) }}
    where
        event_type = 'residence_ended'
        or (event_type = 'residence_granted' and subject in ('permanent', 'long_term', 'protection'))
    group by all
),

followed as (
    select
        person_id,
        event_month,
        is_grant,
        min(case when is_grant = 0 then event_month end) over (
            partition by person_id
            order by event_month, is_grant
            rows between 1 following and unbounded following
        ) as ended_month
    from changes
)

select
    person_id,
    min(event_month) as secure_from_month,
    ended_month
from followed
where is_grant = 1
group by
    person_id,
    ended_month
