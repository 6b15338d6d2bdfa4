-- A decision or a payment proves its claim.
with claims as (
    select
        *,
        coalesce(claimed_month, decided_month, first_paid_month) as proved_month
    from {{ of_touched(ref('fct_remedy_claims')) }}
),

firsts as (
    select
        person_id,
        min(proved_month) as claimed_month,
        min(coalesce(claimed_month, decided_month)) as claimed_or_decided_month,
        min(awarded_month) as granted_month,
        min(case when outcome = 'unknown' then decided_month end) as unspecified_decision_month,
        min(fully_paid_month) as paid_in_full_month,
        min(case when awarded_amount is null then awarded_month end) as unspecified_award_month,
        min(case when channel = 'state_fund' then first_paid_month end) as fund_paid_month,
        min(case when channel = 'unknown' then first_paid_month end) as unspecified_paid_month
    from claims
    group by person_id
),

-- Whoever claims by two channels in one month has a category of their own, so that channels add up.
channels as (
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
    inner join firsts
        on
            claims.person_id = firsts.person_id
            and claims.proved_month = firsts.claimed_month
    group by claims.person_id
)

select
    firsts.*,
    channels.claim_channel
from firsts
inner join channels on firsts.person_id = channels.person_id
