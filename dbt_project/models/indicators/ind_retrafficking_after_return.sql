{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) -%}
with origins as (
    select
        person_id,
        least(returned_month, removed_month) as origin_month
    from {{ ref('fct_person_milestones') }}
    where
        returned_month is not null
        or removed_month is not null
),

followed as (
    {{ cohort_members('origins') }}
),

-- Nobody who has no contact after the return is seen: such a person is lost in its month.
dated as (
    select
        followed.*,
        {{ first_month_since('milestones.retrafficked_months', 'followed.origin_month') }} as first_retrafficked_month
    from followed
    inner join {{ ref('fct_person_milestones') }} as milestones on followed.person_id = milestones.person_id
),

seen as (
    select
        *,
        case when first_retrafficked_month <= unobserved_month then first_retrafficked_month end as retrafficked_month
    from dated
),

members as {{ inlined() }} (
    {{ first_ends(
        'seen',
        {
            'observed': ['retrafficked', 'died', 'unobserved'],
            'lost_none': ['retrafficked', 'died', 'cutoff'],
            'lost_all': ['retrafficked', 'died', 'unobserved'],
        },
        measures,
        person_columns(),
    ) }}
),

estimates as (
    {{ method_aj('members', spec, measures) }}
)

{{ indicator_rows('estimates', spec) }}
