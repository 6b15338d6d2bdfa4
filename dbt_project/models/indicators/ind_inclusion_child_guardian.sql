{%- set spec = ind_spec() -%}
{%- set competing = ['turned_18', 'died', 'removed', 'returned'] -%}
{%- set ends = ['appointed'] + competing -%}
{%- set measures = bounded_incidence('appointed', spec.get('competing', []), ['unspecified']) -%}
with dated as (
    select
        cohort.*,
        cohort.independent_guardian_month as appointed_month,
        cohort.unspecified_guardian_month as unspecified_month
    from {{ ref('fct_contact_cohort') }} as cohort
    where cohort.unaccompanied_or_separated_child = 'yes'
),

-- A guardian who may be independent counts in the upper bound alone.
members as {{ inlined() }} (
    {{ first_ends(
        'dated',
        {
            'observed': ends + ['unobserved'],
            'lost_none': ends + ['cutoff'],
            'lost_all': ['appointed', 'unspecified'] + competing + ['unobserved'],
        },
        measures,
        person_columns(),
    ) }}
),

estimates as (
    {{ method_aj('members', spec, measures) }}
)

{{ indicator_rows('estimates', spec) }}
