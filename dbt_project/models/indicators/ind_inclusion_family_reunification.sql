{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('reunited', spec.get('competing', [])) -%}
{%- set ends = ['reunited', 'died', 'removed', 'returned'] -%}
with dated as (
    select *
    from {{ ref('fct_contact_cohort') }}
    where separated_from_family = 'yes'
),

members as {{ inlined() }} (
    {{ first_ends(
        'dated',
        {'observed': ends + ['unobserved'], 'lost_none': ends + ['cutoff'], 'lost_all': ends + ['unobserved']},
        measures,
        person_columns(),
    ) }}
),

estimates as (
    {{ method_aj('members', spec, measures) }}
)

{{ indicator_rows('estimates', spec) }}
