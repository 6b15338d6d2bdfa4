{%- set spec = ind_spec() -%}
-- AAPOR response rate 2: partial answers count as answers, unknown eligibility as eligible.
with members as (
    select
        country,
        wave_closed_month as flow_month,
        stratum,
        'value' as measure,
        case
            when disposition in ('complete', 'partial') then 'yes'
            when disposition = 'unknown' then 'unknown'
            else 'no'
        end as answer
    from {{ ref('fct_survey_responses') }}
    where disposition <> 'not_eligible'
),

estimates as (
    {{ method_p('members', spec) }}
)

{{ indicator_rows('estimates', spec) }}
