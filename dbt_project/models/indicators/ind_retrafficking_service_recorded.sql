{%- set spec = ind_spec() -%}
{#- Removal is known from registers, return only in contact. -#}
{%- set axes = retrafficking_axes() -%}
{%- do axes.update({
    'removed': ['removed', 'died', 'returned', 'cutoff'],
    'returned': ['returned', 'died', 'removed', 'unobserved'],
}) -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) + [
    {'measure': 'removed', 'axis': 'removed', 'events': ['removed'], 'competing': ['died', 'returned']},
    {'measure': 'returned', 'axis': 'returned', 'events': ['returned'], 'competing': ['died', 'removed']},
] -%}
with exits as (
    {{ followed_exits() }}
),

members as {{ inlined() }} (
    {{ first_ends('exits', axes, measures, ['person_id', 'repeats', 'recontacted_month'] + person_columns()) }}
),

incidences as (
    {{ method_aj('members', spec, measures, clustered=true) }}
),

horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

-- Retrafficking recorded only when a person came back after a lapse: outside the incidence, so shown beside it.
lapses as (
    select
        members.*,
        {{ year_of('members.origin_month') }} as cohort_year,
        horizons.horizon_months,
        'recontact' as measure,
        coalesce(members.recontacted_month <= members.origin_month + horizons.horizon_months, false)
            as is_recontacted
    from members
    inner join horizons on {{ months_to('members.observed_end', measures) }} < horizons.horizon_months
    where {{ lost_at('members.observed_end') }}
),

recontacts as (
    {{ group_by_breakdowns(
        'lapses',
        ['country', 'cohort_year', 'measure', 'horizon_months'],
        [
            'sum(case when is_recontacted then 1 else 0 end) as yes',
            'sum(case when is_recontacted then 0 else 1 end) as no',
            '0 as unknown',
        ],
        spec.get('breakdowns', []),
    ) }}
),

recontact_shares as (
    {{ cohort_proportion_rows('recontacts', spec, 'P') }}
),

estimates as (
    select * from incidences
    union all
    select * from recontact_shares
)

{{ indicator_rows('estimates', spec) }}
