{%- set spec = ind_spec() -%}
-- A claim has one decision, the last recorded; where providers contradict each other on it, it is unknown.
with last_decisions as (
    select
        person_id,
        claim_id,
        max(event_month) as decided_month,
        {{ value_at('outcome', 'event_month', first=false, only_known=false) }} as outcome
    from {{ ref('fct_case_facts') }}
    where event_type = 'remedy_decided'
    group by
        person_id,
        claim_id
),

decisions as (
    select
        claims.country,
        decisions.decided_month as flow_month,
        decisions.outcome,
        claims.channel,
        claims.sex,
        claims.age_band,
        claims.form,
        claims.citizenship,
        claims.residence,
        claims.region
    from last_decisions as decisions
    inner join {{ ref('fct_remedy_claims') }} as claims
        on
            decisions.person_id = claims.person_id
            and decisions.claim_id = claims.claim_id
),

members as (
    select
        *,
        'value' as measure,
        case
            when outcome in ('granted', 'partly_granted') then 'yes'
            when outcome = 'refused' then 'no'
            else 'unknown'
        end as answer
    from decisions
    where outcome <> 'withdrawn'

    union all

    select
        *,
        'withdrawn' as measure,
        case
            when outcome = 'withdrawn' then 'yes'
            when outcome in ('granted', 'partly_granted', 'refused') then 'no'
            else 'unknown'
        end as answer
    from decisions
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
