{%- set spec = ind_spec() -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

held as (
    select
        cohort.*,
        horizons.horizon_months,
        cohort.origin_month + horizons.horizon_months as horizon_month,
        {{ state_at(
            'cohort.work_changes',
            'cohort.origin_month + horizons.horizon_months',
            'cohort.in_work_at_start',
        ) }} as answer
    from {{ ref('fct_support_cohort') }} as cohort
    cross join horizons
    where cohort.age_band not in ('0-8', '9-17', 'unknown')
),

states as (
    select
        *,
        {{ state_if_known(
            "case answer when 'yes' then 'in_work' when 'no' then 'out_of_work' else 'unknown' end",
            'horizon_month',
            'held',
            'held',
        ) }} as state
    from held
),

shares as (
    {{ method_s(
        'states',
        spec,
        {'value': 'in_work', 'died': 'died', 'removed': 'removed', 'returned': 'returned'},
    ) }}
),

-- What only those who work can say: of adults known to providers, not of this cohort, so never pooled with it.
answers as (
    {{ method_w({'fair_pay': 'fair_pay', 'free_to_leave_work': 'free_to_leave_work'}, spec) }}
),

estimates as (
    select * from shares
    union all
    select * from answers
)

{{ indicator_rows('estimates', spec) }}
