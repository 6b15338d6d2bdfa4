{%- set spec = ind_spec() -%}
{%- set measures = [
    {'measure': 'value', 'axis': 'first', 'events': ['detained', 'removed'], 'competing': ['died']},
    {'measure': 'detained', 'axis': 'first', 'events': ['detained'], 'competing': ['died', 'removed']},
    {'measure': 'removed', 'axis': 'first', 'events': ['removed'], 'competing': ['died', 'detained']},
] -%}
-- Detention and removal are register events: they are seen to the cut-off, whatever the contact.
with followed as {{ inlined() }} (
    select
        outcomes.*,
        outcomes.contact_month as origin_month,
        -1 as entry,
        false as is_lost
    from {{ ref('fct_contact_outcomes') }} as outcomes
),

-- A person detained and removed in one month was detained first.
members as {{ inlined() }} (
    {{ first_ends('followed', {'first': ['detained', 'removed', 'died', 'cutoff']}, measures, person_columns()) }}
),

incidences as (
    {{ method_aj('members', spec, measures) }}
),

estimates as (
    {{ without_the_event('incidences', ['value']) }}
)

{{ indicator_rows('estimates', spec) }}
