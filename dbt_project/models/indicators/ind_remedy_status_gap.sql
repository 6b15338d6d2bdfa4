{%- set spec = ind_spec() -%}
{%- set measures = [
    {'measure': 'value', 'axis': 'claim', 'events': ['claimed'], 'competing': spec.get('competing', [])},
] -%}
with followed as {{ inlined() }} (
    select
        outcomes.*,
        outcomes.contact_month as origin_month,
        -1 as entry,
        false as is_lost,
        false as repeats,
        case outcomes.residence
            when 'irregular' then 'irregular_claimed'
            when 'unknown' then 'unknown'
            else 'other_claimed'
        end as group_name
    from {{ ref('fct_contact_outcomes') }} as outcomes
),

-- Claims are register events: they are seen to the cut-off, whatever the contact.
members as {{ inlined() }} (
    {{ first_ends(
        'followed',
        {'claim': ['claimed', 'died', 'cutoff']},
        measures,
        ['person_id', 'repeats', 'group_name', 'age_band', 'sex', 'form'],
    ) }}
),

claimed as (
    {{ method_d_aj(
        'members',
        spec,
        measures,
        ['irregular_claimed', 'other_claimed'],
    ) }}
),

-- Whoever was granted residence of any kind since first contact is not irregular at the claim.
decisions as (
    select
        claims.country,
        claims.decided_month as flow_month,
        case
            when claims.residence = 'unknown' then 'unknown'
            when claims.residence <> 'irregular' then 'other_granted'
            when milestones.first_residence_month <= coalesce(claims.claimed_month, claims.decided_month)
                then 'other_granted'
            else 'irregular_granted'
        end as group_name,
        case when claims.outcome in ('granted', 'partly_granted') then 1 else 0 end as yes,
        case when claims.outcome = 'refused' then 1 else 0 end as no,
        case when claims.outcome = 'unknown' then 1 else 0 end as unknown,
        claims.age_band,
        claims.sex,
        claims.form
    from {{ ref('fct_remedy_claims') }} as claims
    inner join {{ ref('fct_person_milestones') }} as milestones on claims.person_id = milestones.person_id
    where
        claims.decided_month is not null
        and claims.outcome <> 'withdrawn'
),

granted as (
    {{ method_d_p('decisions', spec, ['irregular_granted', 'other_granted'], difference='granted_gap') }}
),

estimates as (
    select * from claimed
    union all
    select * from granted
)

{{ indicator_rows('estimates', spec) }}
