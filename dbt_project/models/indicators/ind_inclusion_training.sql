{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('trained', spec.get('competing', [])) -%}
{%- set ends = ['trained', 'died', 'removed', 'returned'] -%}
-- Training completed between first contact and support is completed at the origin.
with dated as (
    select
        cohort.*,
        case
            when milestones.trained_month < cohort.origin_month then cohort.origin_month
            else milestones.trained_month
        end as trained_month
    from {{ ref('fct_support_cohort') }} as cohort
    inner join {{ ref('fct_person_milestones') }} as milestones on cohort.person_id = milestones.person_id
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
