-- A decision or a payment proves its claim.
with claims as (
    select
        person_id,
        channel,
        coalesce(claimed_month, decided_month, first_paid_month) as claimed_month,
        first_paid_month
    from {{ ref('fct_remedy_claims') }}
),

first_claims as (
    select
        person_id,
        min(claimed_month) as claimed_month,
        min(case when channel = 'state_fund' then first_paid_month end) as fund_paid_month,
        min(case when channel = 'unknown' then first_paid_month end) as unspecified_paid_month
    from claims
    group by person_id
),

-- Whoever claims by two channels in one month has a category of their own, so that channels add up.
first_channels as (
    select
        claims.person_id,
        {{ as_code("case
            when max(case when claims.channel <> 'unknown' then claims.channel end) is null then 'unknown'
            when
                min(case when claims.channel <> 'unknown' then claims.channel end)
                = max(case when claims.channel <> 'unknown' then claims.channel end)
                then max(case when claims.channel <> 'unknown' then claims.channel end)
            else 'several'
        end") }} as claim_channel
    from claims
    inner join first_claims
        on
            claims.person_id = first_claims.person_id
            and claims.claimed_month = first_claims.claimed_month
    group by claims.person_id
),

legal as (
    select
        person_id,
        min(case when event_type = 'charged' and outcome = 'linked_to_exploitation' then event_month end)
            as charged_month,
        min(case when event_type = 'charged' and outcome = 'unknown' then event_month end)
            as unspecified_charge_month,
        min(case when event_type = 'detained' then event_month end) as detained_month
    from {{ ref('fct_case_facts') }}
    where event_type in ('charged', 'detained')
    group by person_id
),

discontinued as (
    select
        legal.person_id,
        min(events.event_month) as discontinued_month
    from legal
    inner join {{ ref('fct_case_facts') }} as events
        on
            legal.person_id = events.person_id
            and legal.charged_month <= events.event_month
    where events.event_type = 'charge_discontinued'
    group by legal.person_id
)

select
    persons.person_id,
    persons.country,
    persons.first_contact_month as contact_month,
    milestones.informed_month,
    milestones.free_aid_month,
    milestones.unspecified_aid_month,
    first_claims.claimed_month,
    first_channels.claim_channel,
    first_claims.fund_paid_month,
    first_claims.unspecified_paid_month,
    legal.charged_month,
    legal.unspecified_charge_month,
    discontinued.discontinued_month,
    legal.detained_month,
    milestones.removed_month,
    milestones.died_month,
    vintage.cutoff_month,
    persons.sex,
    persons.age_band,
    persons.form,
    persons.citizenship,
    persons.residence,
    persons.region
from {{ ref('dim_person') }} as persons
inner join {{ ref('dim_vintage') }} as vintage on persons.country = vintage.country
inner join {{ ref('fct_person_milestones') }} as milestones on persons.person_id = milestones.person_id
left join first_claims on persons.person_id = first_claims.person_id
left join first_channels on persons.person_id = first_channels.person_id
left join legal on persons.person_id = legal.person_id
left join discontinued on persons.person_id = discontinued.person_id
