{%- set spec = ind_spec() -%}
{%- set ends = ['decided', 'withdrawn', 'unobserved', 'died', 'cutoff'] -%}
{%- set measures = bounded_incidence('decided', spec.get('competing', [])) + [
    {'measure': 'withdrawn', 'axis': 'observed', 'events': ['withdrawn'], 'competing': ['decided', 'died']},
] -%}
-- Decisions are register events: a claim is lost only where nobody said what its decision was.
with claims as (
    select
        claims.country,
        claims.person_id,
        claims.claimed_month as origin_month,
        -1 as entry,
        true as is_lost,
        count(*) over (partition by claims.person_id) > 1 as repeats,
        greatest(claims.claimed_month, claims.decided_month) as ended_month,
        claims.outcome,
        milestones.died_month,
        vintage.cutoff_month,
        claims.channel,
        {{ person_attributes('claims') }}
    from {{ ref('fct_remedy_claims') }} as claims
    inner join {{ ref('dim_vintage') }} as vintage on claims.country = vintage.country
    inner join {{ ref('fct_person_milestones') }} as milestones on claims.person_id = milestones.person_id
    where claims.claimed_month is not null
),

followed as (
    select
        *,
        case when outcome in ('granted', 'partly_granted', 'refused') then ended_month end as decided_month,
        case when outcome = 'withdrawn' then ended_month end as withdrawn_month,
        case when outcome = 'unknown' then ended_month end as unobserved_month
    from claims
),

members as {{ inlined() }} (
    {{ first_ends(
        'followed',
        {
            'observed': ends,
            'lost_none': ends | reject('equalto', 'unobserved') | list,
            'lost_all': ends,
        },
        measures,
        ['person_id', 'repeats', 'channel'] + person_columns(),
    ) }}
),

estimates as (
    {{ method_aj('members', spec, measures, clustered=true) }}
)

{{ indicator_rows('estimates', spec) }}
