{#-
    AJ: Aalen–Johansen cumulative incidence at the spec's horizons, competing events kept apart, in set-based SQL.

    `members`: one row a member, with
        country, origin_month   where the member's clock starts (months are integers)
        entry                   months from the origin after which the member is seen; -1 from the origin on
                                (left truncation: seen at t only where entry < t)
        <axis>_end              for each axis of the measures, when and how the member's clock ends on it
                                (first_ends, clock_end); measures that censor differently follow different axes
        person_id, repeats      only where clustered: whose the member is, and whether that person has others
        and each of spec.breakdowns, the same for all members of a person.
    `measures`: [{measure, axis, events: [causes], competing: [causes]}]; any other cause censors.
    `clustered`: members repeat persons; the variance is then the infinitesimal jackknife summed by person.

    The measures unknown_low and unknown_high are bounds, so they have no interval of their own.

    Gives the contract's columns but indicator_id: numerator = events by the horizon, denominator = members,
    unknown = members lost before it, at_risk = seen at it. Over 40 % lost, or nobody seen at the horizon, is
    marked (indicators.md). Members become counts at once, so time grows with members only in the first scan.
-#}
{% macro method_aj(members, spec, measures, clustered=false, median_of='value') %}
{%- set horizons = spec.get('horizons', [12]) -%}
with timed as {{ kept() }} (
    {{ _aj_timed(members, horizons | max, measures, breakdown_columns(spec.get('breakdowns', [])), clustered) }}
),

counts as (
    {{ group_by_breakdowns(
        'timed',
        ['country', 'cohort_year'] + _aj_history(measures),
        ['count(*) as members'],
        spec.get('breakdowns', []),
    ) }}
),

cohorts as (
    {{ sum_over_cohorts('counts', _aj_history(measures), ['members']) }}
),

{%- if clustered %}

{{ _aj_pairs(measures, spec.get('breakdowns', [])) }},
{%- endif %}

{#- The limits of a median need errors in every month, not only at the horizons. #}
{%- set wants_median = 'median_months' in spec.get('measures', {}) -%}
{{ _aj_curves(horizons, measures, clustered, error_months=range(horizons | max + 1) if wants_median else horizons) }}
select
    country,
    period,
    cohort,
    measure,
    month as horizon_months,
    breakdown,
    category,
    events as numerator,
    members as denominator,
    lost as unknown,
    members as units,
    at_risk,
    (members - lost) / cast(members as double) as known_share,
    incidence as estimate,
    {%- for column in ['ci_low', 'ci_high', 'std_error'] %}
    case when measure not in ('unknown_low', 'unknown_high') then {{ column }} end as {{ column }},
    {%- endfor %}
    'share' as unit,
    'AJ' as method,
    case
        when is_unseen then 'x'
        when 10 * lost > 4 * members then 'u'
        else ''
    end as flag
from intervals
where month in ({{ horizons | join(', ') }})
{%- if wants_median %}

union all

{{ _aj_median('intervals', horizons, median_of) }}
{%- endif %}
{% endmacro %}


{#- What tells members apart once counted: the entry and the end on each axis. -#}
{% macro _aj_history(measures) %}
{{ return(['entry'] + _aj_ends(measures)) }}
{% endmacro %}


{% macro _aj_ends(measures) %}
{%- set columns = [] -%}
{%- for axis in measures | map(attribute='axis') | unique -%}
    {%- do columns.append(axis ~ '_end') -%}
{%- endfor -%}
{{ return(columns) }}
{% endmacro %}


{#- Members as the risk sets see them: their cohort, and ends of which those after the last month, at which no curve looks, are one. -#}
{% macro _aj_timed(members, last_month, measures, columns, clustered) %}
    {%- set last_end = _end_after(last_month + 1, measures) %}
    select
        country,
        {{ year_of('origin_month') }} as cohort_year,
        {%- if clustered %}
        origin_month,
        person_id,
        repeats,
        {%- endif %}
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        entry
        {%- for end in _aj_ends(measures) -%},
        case when {{ end }} < {{ last_end }} then {{ end }} else {{ last_end }} end as {{ end }}
        {%- endfor %}
    from {{ members }}
{% endmacro %}


{#- The end that a measure looks at, of a relation (`alias`) that has one for each axis. -#}
{% macro _aj_end_on_axis(measures, alias, prefix='') -%}
    case measures.axis
        {%- for axis in measures | map(attribute='axis') | unique %}
        when '{{ axis }}' then {{ alias }}.{{ prefix }}{{ axis }}_end
        {%- endfor %}
    end
{%- endmacro %}


{#-
    The CTEs from measures to intervals: the curve of each stratum (country, cohort, measure, breakdown, category) with
    variance and interval, a row a month. They read the CTE cohorts and, where clustered, pair_counts. Their counts may
    be sums of weights; `squares` is then the column of cohorts with the sums of squared weights. `carried` names further
    sums of cohorts for the CTE histories to have. Clustered errors are worked out in `error_months` alone, else at the
    horizons.
-#}
{% macro _aj_curves(horizons, measures, clustered, squares='members', carried=[], error_months=none) %}
{%- set last_month = horizons | max -%}
{%- set stratum = ['country', 'cohort', 'measure', 'breakdown', 'category'] -%}
measures (measure, axis) as (
    values
    {%- for item in measures %}
    ('{{ item.measure }}', '{{ item.axis }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

ends as (
    select
        {%- for column in ['country', 'cohort', 'last_month', 'cutoff_month', 'breakdown', 'category'] %}
        cohorts.{{ column }},
        {%- endfor %}
        measures.measure,
        cohorts.entry,
        {{ _aj_end_on_axis(measures, 'cohorts') }} as clock_end,
        {%- for column in (['members', squares] + carried) | unique %}
        sum(cohorts.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cohorts
    cross join measures
    where cohorts.last_month + {{ horizons | min }} <= cohorts.cutoff_month
    group by all
),

cells as (
    select
        *,
        {{ months_to('clock_end', measures) }} as end_time,
        {{ _aj_status(measures, 'ends.measure', 'clock_end') }} as status,
        {{ lost_at('clock_end') }} as is_lost
    from ends
),

-- Members who were never seen (entry at or after the end) count in the denominator, never in a risk set.
histories as (
    select
        *,
        dense_rank() over (order by {{ stratum | join(', ') }}) as stratum_id,
        entry < end_time as is_seen
    from cells
),

strata as (
    select
        stratum_id,
        {{ stratum | join(',\n        ') }},
        last_month,
        cutoff_month,
        sum(members) as members
    from histories
    group by all
),

months as (
    select {{ each_integer(-1, last_month) }} as month
),

-- Every month has a row, so that a curve is looked up by its month and never searched.
changes as (
    select
        stratum_id,
        entry as month,
        members as entering,
        0 as leaving,
        0 as events,
        0 as ends,
        0 as lost
    from histories
    where is_seen

    union all

    select
        stratum_id,
        end_time as month,
        0 as entering,
        case when is_seen then members else 0 end as leaving,
        case when is_seen and status = 1 then members else 0 end as events,
        case when is_seen and status > 0 then members else 0 end as ends,
        case when is_lost then members else 0 end as lost
    from histories

    union all

    select
        strata.stratum_id,
        months.month,
        0 as entering,
        0 as leaving,
        0 as events,
        0 as ends,
        0 as lost
    from strata
    cross join months
),

by_month as (
    select
        stratum_id,
        month,
        sum(entering) as entering,
        sum(leaving) as leaving,
        sum(lost) as lost,
        cast(sum(events) as double) as events,
        cast(sum(ends) as double) as ends
    from changes
    where month <= {{ last_month }}
    group by
        stratum_id,
        month
),

risk_sets as (
    select
        *,
        cast(coalesce(sum(entering - leaving) over earlier, 0) as double) as at_risk,
        coalesce(sum(lost) over earlier, 0) as lost_before
    from by_month
    window earlier as (
        partition by stratum_id
        order by month
        rows between unbounded preceding and 1 preceding
    )
),

survival as (
    select
        *,
        coalesce(product(1 - ends / nullif(at_risk, 0)) over earlier, 1) as survival_before
    from risk_sets
    window earlier as (
        partition by stratum_id
        order by month
        rows between unbounded preceding and 1 preceding
    )
),

steps as (
    select
        *,
        coalesce(survival_before * events / nullif(at_risk, 0), 0) as step,
        coalesce(ends / nullif(at_risk * (at_risk - ends), 0), 0) as end_term,
        coalesce(
            survival_before * survival_before * events * (at_risk - events) / nullif(at_risk * at_risk * at_risk, 0), 0
        ) as event_term,
        coalesce(survival_before * events / nullif(at_risk * at_risk, 0), 0) as cross_term
    from survival
),

incidences as (
    select
        *,
        sum(step) over so_far as incidence,
        sum(events) over so_far as events_so_far
    from steps
    window so_far as (
        partition by stratum_id
        order by month
        rows between unbounded preceding and current row
    )
),

-- The moments of statistics.md: a = end_term, b = event_term, k = cross_term, each also weighted by F.
curves as (
    select
        *,
        sum(end_term) over so_far as end_sum,
        sum(incidence * end_term) over so_far as weighted_end_sum,
        sum(incidence * incidence * end_term) over so_far as squared_end_sum,
        sum(event_term) over so_far as event_sum,
        sum(cross_term) over so_far as cross_sum,
        sum(incidence * cross_term) over so_far as weighted_cross_sum
    from incidences
    window so_far as (
        partition by stratum_id
        order by month
        rows between unbounded preceding and current row
    )
),

{%- if clustered %}
{{ _aj_clustered_variance(measures, error_months or horizons, squares) }},

estimates as (
    select
        curves.*,
        sqrt(variances.variance) as std_error
    from curves
    left join variances
        on
            curves.stratum_id = variances.stratum_id
            and curves.month = variances.month
),
{%- else %}
estimates as (
    select
        *,
        case
            when survival_before > 0 and (ends = 0 or ends < at_risk)
                then sqrt(greatest(
                    0,
                    incidence * incidence * end_sum
                    - 2 * incidence * weighted_end_sum
                    + squared_end_sum
                    + event_sum
                    - 2 * (incidence * cross_sum - weighted_cross_sum)
                ))
        end as std_error
    from curves
),
{%- endif %}

intervals as (
    select
        strata.country,
        strata.cohort,
        strata.measure,
        strata.breakdown,
        strata.category,
        strata.members,
        estimates.month,
        cast({{ year_of('strata.last_month + estimates.month') }} as varchar) as period,
        estimates.events_so_far as events,
        estimates.at_risk,
        estimates.incidence,
        estimates.at_risk = 0 and estimates.survival_before > 0 as is_unseen,
        estimates.lost_before as lost,
        estimates.std_error,
        {{ incidence_low('estimates.incidence', 'estimates.widening') }} as ci_low,
        {{ incidence_high('estimates.incidence', 'estimates.widening', 'estimates.at_risk') }} as ci_high
    from (
        select
            *,
            {{ incidence_widening('incidence', 'std_error') }} as widening
        from estimates
    ) as estimates
    inner join strata
        on
            estimates.stratum_id = strata.stratum_id
            and strata.last_month + estimates.month <= strata.cutoff_month
    where estimates.month >= 0
)
{% endmacro %}


{#- What an end is to a measure: 1 the event itself, 2 a competing event, 0 censored. -#}
{% macro _aj_status(measures, measure, end) -%}
    case {{ measure }}
        {%- for item in measures %}
        when '{{ item.measure }}' then case
            when {{ cause_at(end, measures) }} in ({{ _numbers(item.events, measures) }}) then 1
            {%- if item.get('competing') %}
            when {{ cause_at(end, measures) }} in ({{ _numbers(item.competing, measures) }}) then 2
            {%- endif %}
            else 0
        end
        {%- endfor %}
    end
{%- endmacro %}


{%- macro _numbers(causes, measures) -%}
    {%- for cause in causes -%}
        {{ cause_number(cause, measures) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro -%}


{#- Half of a cohort is half whatever the last bit of a sum. -#}
{%- macro _is_half(share) -%}
    round({{ share }}, 9) >= 0.5
{%- endmacro -%}


{#- Months until half of the cohort has met the event of a measure, up to the last horizon reached; null if fewer have. -#}
{% macro _aj_median(intervals, horizons, measure) %}
select
    country,
    cast(max(case when month in ({{ horizons | join(', ') }}) then period end) as varchar) as period,
    cohort,
    'median_months' as measure,
    max(case when month in ({{ horizons | join(', ') }}) then month end) as horizon_months,
    breakdown,
    category,
    max_by(events, month) as numerator,
    max(members) as denominator,
    max(lost) as unknown,
    max(members) as units,
    min(at_risk) as at_risk,
    (max(members) - max(lost)) / cast(max(members) as double) as known_share,
    min(case when {{ _is_half('incidence') }} then month end) as estimate,
    min(case when {{ _is_half('ci_high') }} then month end) as ci_low,
    min(case when {{ _is_half('ci_low') }} then month end) as ci_high,
    null as std_error,
    'months' as unit,
    'AJ' as method,
    case
        when min(case when {{ _is_half('incidence') }} then month end) is null then 'x'
        when 10 * max(lost) > 4 * max(members) then 'u'
        else ''
    end as flag
from {{ intervals }}
where
    measure = '{{ measure }}'
    and month <= {{ horizons | max }}
group by
    country,
    cohort,
    breakdown,
    category
{% endmacro %}
