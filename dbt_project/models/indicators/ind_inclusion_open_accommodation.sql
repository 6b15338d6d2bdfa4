{%- set spec = ind_spec() -%}
with members as (
    select
        persons.country,
        persons.person_id,
        events.event_month as flow_month,
        'value' as measure,
        case when events.event_type = 'accommodation_open' then 'yes' else 'no' end as answer,
        {{ person_attributes('persons') }}
    from {{ ref('fct_case_facts') }} as events
    inner join {{ ref('dim_person') }} as persons on events.person_id = persons.person_id
    where events.event_type in ('accommodation_open', 'accommodation_closed')
),

estimates as (
    {{ method_p_persons('members', spec, decides='no') }}
)

{{ indicator_rows('estimates', spec) }}
