{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) -%}
{%- set landmark = 12 -%}
-- Whoever is alive, in the country, not retrafficked and observed at the landmark; the clock starts there.
with reached as (
    select
        cohort.country,
        cohort.person_id,
        cohort.origin_month + {{ landmark }} as origin_month,
        -1 as entry,
        cohort.unobserved_month,
        cohort.is_lost,
        cohort.cutoff_month,
        cohort.died_month,
        cohort.removed_month,
        cohort.returned_month,
        {{ first_month_since('cohort.retrafficked_months', 'cohort.origin_month') }} as first_retrafficked_month,
        coalesce(cohort.support_end_month >= cohort.origin_month + {{ landmark }}, true) as is_whole_year,
        cohort.age_band,
        cohort.sex,
        cohort.form
    from {{ ref('fct_support_cohort') }} as cohort
    where
        cohort.origin_month + {{ landmark }} between cohort.observed_from_month and cohort.observed_to_month
        and coalesce(
            least(cohort.died_month, cohort.removed_month, cohort.returned_month)
            > cohort.origin_month + {{ landmark }},
            true
        )
),

grouped as (
    select
        *,
        case when first_retrafficked_month <= unobserved_month then first_retrafficked_month end as retrafficked_month,
        case when is_whole_year then 'whole_year' else 'shorter' end as group_name,
        false as repeats
    from reached
    where coalesce(first_retrafficked_month > origin_month, true)
),

members as {{ inlined() }} (
    {{ first_ends(
        'grouped',
        retrafficking_axes(),
        measures,
        ['person_id', 'repeats', 'group_name', 'age_band', 'sex', 'form'],
    ) }}
),

estimates as (
    {{ method_d_aj(
        'members',
        spec,
        measures,
        ['whole_year', 'shorter'],
    ) }}
)

{{ indicator_rows('estimates', spec) }}
