{%- set spec = ind_spec() -%}
{%- set horizon = spec.get('horizons', [12])[0] -%}
{%- set measures = [
    {'measure': 'decided', 'axis': 'observed', 'events': ['decided'], 'competing': spec.get('competing', [])},
] -%}
{%- set denied = {'early_support_denied': 'early_support', 'residence_refused': 'residence'} -%}
with denials as (
    select
        person_id,
        event_month as denied_month,
        subject,
        lead(event_month) over (partition by person_id, subject order by event_month) as next_denied_month
    from (
        select distinct
            person_id,
            event_month,
            case event_type
                {%- for event, subject in denied.items() %}
                when '{{ event }}' then '{{ subject }}'
                {%- endfor %}
            end as subject
        from {{ ref('fct_case_facts') }}
        where event_type in ({{ quoted(denied.keys()) }})
    ) as facts
),

-- An appeal belongs to the last denial before it of what it is about. Whether one about nobody knows what does, is
-- unknown.
appealed as (
    select
        denials.person_id,
        denials.denied_month,
        denials.subject,
        max(case when filed.subject = denials.subject then 2 when filed.subject = 'unknown' then 1 else 0 end) as answer
    from denials
    left join {{ ref('fct_case_facts') }} as filed
        on
            denials.person_id = filed.person_id
            and filed.event_type = 'appeal_filed'
            and filed.event_month between denials.denied_month and denials.denied_month + {{ horizon }}
            and filed.event_month < coalesce(denials.next_denied_month, filed.event_month + 1)
    group by
        denials.person_id,
        denials.denied_month,
        denials.subject
),

appealed_measures as (
    select
        persons.country,
        {{ year_of('appealed.denied_month') }} as cohort_year,
        measures.measure,
        {{ horizon }} as horizon_months,
        appealed.answer,
        {{ person_attributes('persons') }}
    from appealed
    inner join {{ ref('dim_person') }} as persons on appealed.person_id = persons.person_id
    inner join (
        values ('appealed', ''), ('appealed_early_support', 'early_support'), ('appealed_residence', 'residence')
    ) as measures (measure, subject)
        on measures.subject in ('', appealed.subject)
),

appealed_counts as (
    {{ group_by_breakdowns(
        'appealed_measures',
        ['country', 'cohort_year', 'measure', 'horizon_months'],
        [
            'sum(case when answer = 2 then 1 else 0 end) as yes',
            'sum(case when answer = 0 then 1 else 0 end) as no',
            'sum(case when answer = 1 then 1 else 0 end) as unknown',
        ],
        spec.get('breakdowns', []),
    ) }}
),

appealed_shares as (
    {{ cohort_proportion_rows('appealed_counts', spec, 'P') }}
),

appeals as (
    select
        persons.country,
        cases.person_id,
        cases.subject,
        cases.filed_month,
        cases.ended_month,
        case when cases.ended_month is not null then cases.outcome end as outcome,
        milestones.died_month,
        vintage.cutoff_month,
        {{ person_attributes('persons') }}
    from (
        select
            person_id,
            subject,
            min(case when event_type = 'appeal_filed' then event_month end) as filed_month,
            min(case when event_type = 'appeal_decided' then event_month end) as ended_month,
            {{ value_at("case when event_type = 'appeal_decided' then outcome else 'unknown' end", 'event_month') }}
                as outcome
        from {{ ref('fct_case_facts') }}
        where event_type in ('appeal_filed', 'appeal_decided')
        group by
            person_id,
            subject,
            claim_id
    ) as cases
    inner join {{ ref('dim_person') }} as persons on cases.person_id = persons.person_id
    inner join {{ ref('fct_person_milestones') }} as milestones on cases.person_id = milestones.person_id
    inner join {{ ref('dim_vintage') }} as vintage on persons.country = vintage.country
),

decisions as (
    select
        appeals.country,
        appeals.ended_month as flow_month,
        measures.measure,
        case appeals.outcome when 'overturned' then 'yes' when 'upheld' then 'no' else 'unknown' end as answer,
        {{ person_attributes('appeals') }}
    from appeals
    inner join (
        values ('value', ''), ('overturned_early_support', 'early_support'), ('overturned_residence', 'residence')
    ) as measures (measure, subject)
        on measures.subject in ('', appeals.subject)
    where
        appeals.ended_month is not null
        and appeals.outcome <> 'withdrawn'
),

overturned as (
    {{ method_p('decisions', spec) }}
),

-- Appeals are register events: one is lost only where nobody said what its decision was.
followed as (
    select
        *,
        filed_month as origin_month,
        -1 as entry,
        true as is_lost,
        count(*) over (partition by person_id) > 1 as repeats,
        case when outcome in ('overturned', 'upheld') then greatest(filed_month, ended_month) end as decided_month,
        case when outcome = 'withdrawn' then greatest(filed_month, ended_month) end as withdrawn_month,
        case when outcome = 'unknown' then greatest(filed_month, ended_month) end as unobserved_month
    from appeals
    where filed_month is not null
),

members as {{ inlined() }} (
    {{ first_ends(
        'followed',
        {'observed': ['decided', 'withdrawn', 'unobserved', 'died', 'cutoff']},
        measures,
        ['person_id', 'repeats'] + person_columns(),
    ) }}
),

incidences as (
    {{ method_aj('members', spec, measures, clustered=true, median_of='decided') }}
),

estimates as (
    select * from overturned
    union all
    select * from appealed_shares
    union all
    select * from incidences
)

{{ indicator_rows('estimates', spec) }}
