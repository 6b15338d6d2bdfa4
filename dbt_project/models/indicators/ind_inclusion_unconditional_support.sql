{%- set spec = ind_spec() -%}
with members as (
    select
        episodes.country,
        episodes.start_month as flow_month,
        persons.sex,
        persons.age_band,
        persons.form,
        persons.citizenship,
        persons.residence,
        episodes.region,
        'value' as measure,
        case episodes.conditional_on_cooperation
            when 'no' then 'yes'
            when 'yes' then 'no'
            else 'unknown'
        end as answer
    from {{ ref('fct_support_episodes') }} as episodes
    inner join {{ ref('dim_person') }} as persons on episodes.person_id = persons.person_id
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
