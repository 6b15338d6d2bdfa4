with facts as (
    select
        person_id,
        event_type,
        outcome,
        event_month
    from {{ of_touched(ref('fct_case_facts')) }}
    where event_type in ('charged', 'charge_discontinued', 'detained')
),

firsts as (
    select
        person_id,
        min(case when event_type = 'charged' and outcome = 'linked_to_exploitation' then event_month end)
            as charged_month,
        min(case when event_type = 'charged' and outcome = 'unknown' then event_month end)
            as unspecified_charge_month,
        min(case when event_type = 'detained' then event_month end) as detained_month
    from facts
    group by person_id
),

discontinued as (
    select
        firsts.person_id,
        min(facts.event_month) as discontinued_month
    from firsts
    inner join facts
        on
            firsts.person_id = facts.person_id
            and firsts.charged_month <= facts.event_month
    where facts.event_type = 'charge_discontinued'
    group by firsts.person_id
)

select
    firsts.*,
    discontinued.discontinued_month
from firsts
left join discontinued on firsts.person_id = discontinued.person_id
