{%- set spec = ind_spec() -%}
-- One grant reported by two providers is one; where they contradict each other on its ground, that is unknown.
with grants as (
    select
        person_id,
        event_month,
        subject,
        min(case when ground <> 'unknown' then ground end) as first_ground,
        max(case when ground <> 'unknown' then ground end) as last_ground
    from {{ ref('fct_case_facts') }}
    where event_type = 'residence_granted'
    group by
        person_id,
        event_month,
        subject
),

members as (
    select
        persons.country,
        grants.event_month as flow_month,
        'value' as measure,
        case
            when coalesce(grants.first_ground <> grants.last_ground, true) then 'unknown'
            when grants.first_ground = 'personal_situation' then 'yes'
            else 'no'
        end as answer,
        {{ person_attributes('persons') }}
    from grants
    inner join {{ ref('dim_person') }} as persons on grants.person_id = persons.person_id
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
