{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) -%}
with origins as (
    select
        *,
        least(returned_month, removed_month) as origin_month
    from {{ ref('fct_person_milestones') }}
    where
        returned_month is not null
        or removed_month is not null
),

-- Nobody who has no contact after the return is seen: such a person is lost in its month.
dated as (
    select
        origins.country,
        origins.origin_month,
        {{ months_to_entry('observed.observed_from_month', 'origins.origin_month') }} as entry,
        coalesce(observed.observed_to_month, origins.origin_month) as unobserved_month,
        coalesce(observed.ended_by, 'lapse') <> 'cutoff' as is_lost,
        origins.cutoff_month,
        origins.died_month,
        {{ first_month_since('origins.retrafficked_months', 'origins.origin_month') }} as first_retrafficked_month,
        {{ person_attributes('origins') }}
    from origins
    left join {{ ref('fct_observation') }} as observed on {{ is_first_observation('observed', 'origins', 'origin_month') }}
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
