{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('completed', spec.get('competing', [])) -%}
{%- set ends = ['completed', 'died', 'removed', 'returned'] -%}
-- Training completed between first contact and support is completed at the origin.
with dated as (
    select
        *,
        case when trained_month < origin_month then origin_month else trained_month end as completed_month
    from {{ ref('fct_support_cohort') }}
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
