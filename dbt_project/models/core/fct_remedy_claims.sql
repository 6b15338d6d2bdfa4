-- The same decision or payment reported by two providers is one: providers and event keys are left out.
with events as (
    select distinct
        person_id,
        claim_id,
        event_type,
        event_month,
        channel,
        case when event_type = 'remedy_decided' then outcome else {{ as_code("'unknown'") }} end as decision,
        event_type = 'remedy_decided' and outcome in ('granted', 'partly_granted') as is_award,
        amount,
        currency
    from {{ of_touched(ref('fct_case_facts')) }}
    where
        event_type in ('remedy_claimed', 'remedy_decided', 'remedy_paid')
        and claim_id is not null
),

claims as (
    select
        person_id,
        claim_id,
        min(case when event_type = 'remedy_claimed' then event_month end) as claimed_month,
        {{ as_code(value_at('channel', 'event_month')) }} as channel,
        min(case when event_type = 'remedy_decided' then event_month end) as decided_month,
        min(case when is_award then event_month end) as awarded_month,
        min(case when event_type = 'remedy_paid' then event_month end) as first_paid_month,
        {{ as_code(value_at('decision', 'event_month')) }} as first_known_decision,
        min(case when decision <> 'unknown' then event_month end) as first_known_decision_month
    from events
    group by
        person_id,
        claim_id
),

awards as (
    select
        claims.person_id,
        claims.claim_id,
        max(events.amount) as awarded_amount,
        max(events.currency) as currency
    from claims
    inner join events
        on
            claims.person_id = events.person_id
            and claims.claim_id = events.claim_id
            and claims.awarded_month = events.event_month
    where events.is_award
    group by
        claims.person_id,
        claims.claim_id
),

-- Money in another currency than the award's can't be set against it.
payments as (
    select
        events.person_id,
        events.claim_id,
        events.event_month as paid_month,
        claims.awarded_month,
        awards.awarded_amount,
        sum(events.amount) as amount
    from events
    inner join claims
        on
            events.person_id = claims.person_id
            and events.claim_id = claims.claim_id
    inner join awards
        on
            events.person_id = awards.person_id
            and events.claim_id = awards.claim_id
            and events.currency = awards.currency
    where events.event_type = 'remedy_paid'
    group by
        events.person_id,
        events.claim_id,
        events.event_month,
        claims.awarded_month,
        awards.awarded_amount
),

running as (
    select
        *,
        sum(amount) over (
            partition by person_id, claim_id
            order by paid_month
            rows between unbounded preceding and current row
        ) as paid_so_far
    from payments
),

paid as (
    select
        person_id,
        claim_id,
        sum(amount) as paid_amount,
        sum(case when paid_month <= awarded_month + 12 then amount end) as paid_12_months_amount,
        min(case when paid_so_far >= awarded_amount then paid_month end) as fully_paid_month
    from running
    group by
        person_id,
        claim_id
)

select
    persons.country,
    claims.person_id,
    claims.claim_id,
    claims.claimed_month,
    claims.channel,
    claims.decided_month,
    case
        when claims.first_known_decision_month = claims.decided_month then claims.first_known_decision
        when claims.decided_month is not null then {{ as_code("'unknown'") }}
    end as outcome,
    claims.awarded_month,
    awards.awarded_amount,
    awards.currency,
    claims.first_paid_month,
    cast(coalesce(paid.paid_amount, 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(paid.paid_12_months_amount, 0) as decimal(18, 2)) as paid_12_months_amount,
    paid.fully_paid_month,
    persons.sex,
    persons.age_band,
    persons.form,
    persons.citizenship,
    persons.residence,
    persons.region
from claims
inner join {{ ref('dim_person') }} as persons on claims.person_id = persons.person_id
left join awards
    on
        claims.person_id = awards.person_id
        and claims.claim_id = awards.claim_id
left join paid
    on
        claims.person_id = paid.person_id
        and claims.claim_id = paid.claim_id
