{%- set spec = ind_spec() -%}
{#-
    Time axes, each with what may end it, the first to win where two fall in one month. The bounds differ from
    `observed` only for people lost to contact: `lost_none` follows them, unharmed, as far as registers see;
    `lost_all` counts each as retrafficked when lost. Removal is known from registers, return only in contact.
-#}
{%- set axes = {
    'observed': ['retrafficked', 'died', 'removed', 'returned', 'unobserved'],
    'lost_all': ['retrafficked', 'died', 'removed', 'returned', 'unobserved'],
    'lost_none': ['retrafficked', 'died', 'removed', 'returned', 'cutoff'],
    'removed': ['removed', 'died', 'returned', 'cutoff'],
    'returned': ['returned', 'died', 'removed', 'unobserved'],
} -%}
with exits as (
    select
        country,
        person_id,
        exit_month as origin_month,
        case
            when observed_from_month <= exit_month then -1
            else coalesce(observed_from_month - exit_month, 0)
        end as entry,
        case when retrafficked_month <= observed_to_month then retrafficked_month end as retrafficked_month,
        case when retrafficked_month > observed_to_month then retrafficked_month end as recontacted_month,
        removed_month,
        returned_month,
        died_month,
        coalesce(observed_to_month, exit_month) as unobserved_month,
        cutoff_month,
        coalesce(observation_ended_by, 'lapse') <> 'cutoff' as is_lost,
        count(*) over (partition by person_id) > 1 as repeats,
        sex,
        age_band,
        form,
        citizenship,
        residence,
        region
    from {{ ref('fct_person_exits') }}
),

ended as {{ inlined() }} (
    {%- for axis, ends in axes.items() %}
    {%- set first = 'least(' ~ ends | join('_month, ') ~ '_month)' %}
    select
        country,
        person_id,
        repeats,
        origin_month,
        entry,
        recontacted_month,
        is_lost,
        sex,
        age_band,
        form,
        citizenship,
        residence,
        region,
        '{{ axis }}' as axis,
        {{ first }} as end_month,
        case {{ first }}
            {%- for end in ends %}
            when {{ end }}_month then '{{ end }}'
            {%- endfor %}
        end as ended_by
    from exits
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

members as {{ inlined() }} (
    select
        *,
        end_month - origin_month as duration,
        ended_by = 'unobserved' and is_lost and axis <> 'lost_all' as lost,
        case
            when ended_by = 'unobserved' and is_lost and axis = 'lost_all' then 'retrafficked'
            when ended_by in ('unobserved', 'cutoff') then ''
            else ended_by
        end as cause
    from ended
),

incidences as (
    {{ method_aj(
        'members',
        spec,
        [
            {'measure': 'value', 'axis': 'observed', 'events': ['retrafficked'], 'competing': spec.get('competing', [])},
            {'measure': 'unknown_low', 'axis': 'lost_none', 'events': ['retrafficked'], 'competing': spec.get('competing', [])},
            {'measure': 'unknown_high', 'axis': 'lost_all', 'events': ['retrafficked'], 'competing': spec.get('competing', [])},
            {'measure': 'removed', 'axis': 'removed', 'events': ['removed'], 'competing': ['died', 'returned']},
            {'measure': 'returned', 'axis': 'returned', 'events': ['returned'], 'competing': ['died', 'removed']},
        ],
        clustered=true,
    ) }}
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
    inner join horizons on members.duration < horizons.horizon_months
    where
        members.axis = 'observed'
        and members.lost
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
