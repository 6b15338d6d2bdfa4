{#-
    D: the difference between two groups' figures, first less second. It describes and is never called an effect.

    Both groups are standardised directly to their pooled members: of every cell (age, sex, form …; for cohorts within
    the year of entry) each group has the weight that both have together. A cell in which one group has nobody has
    no counterpart, so its members are left out and count as unknown. Intervals are Newcombe's (1998, method 10):
        d - √((p1 - l1)² + (u2 - p2)²)  to  d + √((u1 - p1)² + (p2 - l2)²),
    from each group's own limits (l, u): Wilson's for proportions, of as many members as the weights are worth (Kish
    1965), or those of the complementary log-log delta method for incidences (Zou and Donner 2008 carry Newcombe's
    square-and-add over to any such limits). Groups that share persons are taken as independent.

    Measures: each group's standardised figure by the group's name, with plain counts of its comparable members;
    `value` (or the name given as `difference`), the difference, whose units are the smaller group; and, where the spec
    names them, the bounds unknown_low and unknown_high of the difference that is the value: one group's lower bound
    less the other's upper bound, and the reverse.
-#}

{#-
    Proportions of the period. `members`: one row a member with country, flow_month, group_name (others than the two
    `groups` are left out), yes, no and unknown (counts, mostly 1, 0, 0) and the columns `standard`.
-#}
{% macro method_d_p(members, spec, groups, standard=['age_band', 'sex', 'form'], difference='value') %}
{%- set cell = ['country', 'period'] + standard -%}
with monthly as (
    select
        country,
        flow_month,
        group_name,
        {%- for column in standard %}
        {{ column }},
        {%- endfor %}
        'total' as breakdown,
        '' as category,
        sum(yes) as yes,
        sum(no) as no,
        sum(unknown) as unknown
    from {{ members }}
    where group_name in ({{ quoted(groups) }})
    group by
        country,
        flow_month,
        group_name
        {%- for column in standard -%},
        {{ column }}
        {%- endfor %}
),

counts as (
    {{ sum_over_periods('monthly', ['group_name'] + standard, ['yes', 'no', 'unknown']) }}
),

sizes as (
    select
        *,
        cast(yes + no as double) as known,
        sum(yes + no) over (partition by {{ cell | join(', ') }}) as pooled,
        count(case when yes + no > 0 then 1 end) over (partition by {{ cell | join(', ') }}) = 2 as is_comparable
    from counts
),

shares as (
    select
        *,
        pooled / sum(case when is_comparable then cast(pooled as double) end) over (
            partition by country, period, group_name
        ) as weight
    from sizes
),

-- Sums of decimals are exact, whatever the order in which threads add.
standardised as (
    select
        country,
        period,
        group_name,
        sum(case when is_comparable then yes else 0 end) as events,
        sum(case when is_comparable then yes + no else 0 end) as members,
        sum(yes + no + unknown) as everybody,
        cast(sum(case when is_comparable then {{ _exact('weight * yes / known') }} end) as double) as estimate,
        cast(sum(case when is_comparable then {{ _exact('weight * yes / (known + unknown)') }} end) as double) as low,
        cast(sum(case when is_comparable then {{ _exact('weight * (yes + unknown) / (known + unknown)') }} end) as double)
            as high,
        1 / cast(sum(case when is_comparable then {{ _exact('weight * weight / known') }} end) as double) as worth
    from shares
    group by
        country,
        period,
        group_name
),

figures as (
    select
        country,
        period,
        '' as cohort,
        null as horizon_months,
        group_name,
        events,
        members,
        everybody - members as unknown,
        everybody,
        null as at_risk,
        estimate,
        low,
        high,
        {{ wilson_low('(estimate * worth)', 'worth') }} as ci_low,
        {{ wilson_high('(estimate * worth)', 'worth') }} as ci_high,
        sqrt(greatest(estimate * (1 - estimate), 0) / worth) as std_error,
        case when members = 0 then 'x' else '' end as flag
    from standardised
)

{{ _difference_rows('figures', spec, groups, 'P', difference) }}
{% endmacro %}


{#-
    Cumulative incidences. `members` as for method_aj where clustered, with group_name and the columns `standard`, both
    the same for all rows of a member; `measures` as bounded_incidence gives them.
-#}
{% macro method_d_aj(members, spec, measures, groups, standard=['age_band', 'sex', 'form']) %}
{%- set horizons = spec.get('horizons', [12]) -%}
{%- set history = ['country', 'cohort_year'] + _aj_history(measures) -%}
{%- set cell = ['country', 'cohort_year'] + standard -%}
with timed as {{ kept() }} (
    {{ _aj_timed(members, horizons | max, measures, ['group_name'] + standard, clustered=true) }}
),

grouped as (
    select
        {{ history | join(',\n        ') }},
        group_name,
        {%- for column in standard %}
        {{ column }},
        {%- endfor %}
        count(*) as people
    from timed
    where group_name in ({{ quoted(groups) }})
    group by
        {{ history | join(',\n        ') }},
        group_name
        {%- for column in standard -%},
        {{ column }}
        {%- endfor %}
),

sizes as (
    select
        {{ cell | join(',\n        ') }},
        group_name,
        sum(people) as people
    from grouped
    group by
        {{ cell | join(',\n        ') }},
        group_name
),

-- A member stands for as many as the cell has in both groups, by those it has in the member's own.
weights as (
    select
        *,
        cast(weight * weight as decimal(28, 9)) as squared_weight
    from (
        select
            *,
            cast(sum(people) over same_cell / cast(people as double) as decimal(18, 9)) as weight,
            count(*) over same_cell = 2 as is_comparable
        from sizes
        window same_cell as (partition by {{ cell | join(', ') }})
    ) as weighted
    where is_comparable
),

counts as (
    select
        {%- for column in history %}
        grouped.{{ column }},
        {%- endfor %}
        'total' as breakdown,
        grouped.group_name as category,
        sum(grouped.people) as people,
        sum(grouped.people * weights.weight) as members,
        sum(grouped.people * weights.squared_weight) as squares
    from grouped
    inner join weights
        on
            grouped.group_name = weights.group_name
            {%- for column in cell %}
            and grouped.{{ column }} = weights.{{ column }}
            {%- endfor %}
    group by
        {%- for column in history %}
        grouped.{{ column }},
        {%- endfor %}
        grouped.group_name
),

cohorts as (
    {{ sum_over_cohorts('counts', _aj_history(measures), ['people', 'members', 'squares']) }}
),

pair_counts as (
    select
        {{ _aj_pair_columns(measures) }},
        'total' as breakdown,
        one.group_name as category,
        sum(one_weight.weight * two_weight.weight) as pairs
    from timed as one
    inner join timed as two
        on
            one.person_id = two.person_id
            and one.group_name = two.group_name
            and one.origin_month < two.origin_month
    {%- for side in ['one', 'two'] %}
    inner join weights as {{ side }}_weight
        on
            {{ side }}.group_name = {{ side }}_weight.group_name
            {%- for column in cell %}
            and {{ side }}.{{ column }} = {{ side }}_weight.{{ column }}
            {%- endfor %}
    {%- endfor %}
    where
        one.repeats
        and two.repeats
    group by all
),

{{ _aj_curves(horizons, measures, clustered=true, squares='squares', carried=['people']) }},

everybody as (
    select
        country,
        cohort_year,
        group_name,
        'total' as breakdown,
        '' as category,
        sum(people) as people
    from sizes
    group by
        country,
        cohort_year,
        group_name
),

everybody_of_cohort as (
    {{ sum_over_cohorts('everybody', ['group_name'], ['people']) }}
),

-- The same members, counted instead of weighted.
counted as (
    select
        histories.country,
        histories.cohort,
        histories.measure,
        histories.category as group_name,
        months.month,
        sum(histories.people) as members,
        sum(case
            when histories.status = 1 and histories.is_seen and histories.end_time <= months.month
                then histories.people
            else 0
        end) as events,
        sum(case when histories.is_lost and histories.end_time < months.month then histories.people else 0 end) as lost,
        sum(case
            when histories.entry < months.month and histories.end_time >= months.month then histories.people
            else 0
        end) as at_risk
    from histories
    inner join months on months.month in ({{ horizons | join(', ') }})
    group by
        histories.country,
        histories.cohort,
        histories.measure,
        histories.category,
        months.month
),

bounded as (
    select
        intervals.country,
        intervals.period,
        intervals.cohort,
        intervals.month as horizon_months,
        intervals.category as group_name,
        max(case when intervals.measure = 'value' then counted.events end) as events,
        max(counted.members) as members,
        max(everybody_of_cohort.people) as everybody,
        max(case when intervals.measure = 'value' then counted.lost end) as lost,
        max(case when intervals.measure = 'value' then counted.at_risk end) as at_risk,
        max(case when intervals.measure = 'value' then intervals.incidence end) as estimate,
        max(case when intervals.measure = 'value' then intervals.std_error end) as std_error,
        max(case when intervals.measure = 'unknown_low' then intervals.incidence end) as low,
        max(case when intervals.measure = 'unknown_high' then intervals.incidence end) as high,
        max(case when intervals.measure = 'value' and intervals.is_unseen then 1 else 0 end) as is_unseen
    from intervals
    inner join counted
        on
            intervals.country = counted.country
            and intervals.cohort = counted.cohort
            and intervals.measure = counted.measure
            and intervals.category = counted.group_name
            and intervals.month = counted.month
    inner join everybody_of_cohort
        on
            intervals.country = everybody_of_cohort.country
            and intervals.cohort = everybody_of_cohort.cohort
            and intervals.category = everybody_of_cohort.group_name
    group by
        intervals.country,
        intervals.period,
        intervals.cohort,
        intervals.month,
        intervals.category
),

figures as (
    select
        *,
        everybody - members + lost as unknown,
        {{ incidence_low('estimate', 'widening') }} as ci_low,
        {{ incidence_high('estimate', 'widening', 'at_risk') }} as ci_high,
        case
            when is_unseen = 1 then 'x'
            when 10 * lost > 4 * members then 'u'
            else ''
        end as flag
    from (
        select
            *,
            {{ incidence_widening('estimate', 'std_error') }} as widening
        from bounded
    ) as bounded
)

{{ _difference_rows('figures', spec, groups, 'AJ') }}
{% endmacro %}


{% macro _exact(number) -%}
    cast({{ number }} as decimal(38, 18))
{%- endmacro %}


{#-
    `figures`: one row a country, period, cohort, horizon_months and group_name, with events, members, unknown,
    everybody, at_risk, estimate, ci_low, ci_high, std_error, low, high (the bounds) and flag.
-#}
{% macro _difference_rows(figures, spec, groups, method, difference='value') %}
select
    country,
    period,
    cohort,
    group_name as measure,
    horizon_months,
    'total' as breakdown,
    '' as category,
    events as numerator,
    members as denominator,
    unknown,
    members as units,
    at_risk,
    (everybody - unknown) / nullif(cast(everybody as double), 0) as known_share,
    estimate,
    ci_low,
    ci_high,
    std_error,
    'share' as unit,
    '{{ method }}' as method,
    flag
from {{ figures }}

{%- set measures = [(difference, 'one.estimate - two.estimate')] -%}
{%- if difference == 'value' and 'unknown_low' in spec.get('measures', {}) -%}
    {%- do measures.extend([('unknown_low', 'one.low - two.high'), ('unknown_high', 'one.high - two.low')]) -%}
{%- endif %}
{%- for measure, estimate in measures %}

union all

select
    one.country,
    one.period,
    one.cohort,
    '{{ measure }}' as measure,
    one.horizon_months,
    'total' as breakdown,
    '' as category,
    null as numerator,
    one.members + two.members as denominator,
    one.unknown + two.unknown as unknown,
    least(one.members, two.members) as units,
    null as at_risk,
    (one.everybody + two.everybody - one.unknown - two.unknown)
    / nullif(cast(one.everybody + two.everybody as double), 0) as known_share,
    {{ estimate }} as estimate,
    {%- if measure == difference %}
    one.estimate - two.estimate - {{ _square_and_add('one.estimate - one.ci_low', 'two.ci_high - two.estimate') }} as ci_low,
    one.estimate - two.estimate + {{ _square_and_add('one.ci_high - one.estimate', 'two.estimate - two.ci_low') }} as ci_high,
    sqrt(one.std_error * one.std_error + two.std_error * two.std_error) as std_error,
    {%- else %}
    null as ci_low,
    null as ci_high,
    null as std_error,
    {%- endif %}
    'share_difference' as unit,
    'D' as method,
    case
        when 'x' in (one.flag, two.flag) then 'x'
        when 'u' in (one.flag, two.flag) then 'u'
        else ''
    end as flag
from {{ figures }} as one
inner join {{ figures }} as two
    on
        one.country = two.country
        and one.period = two.period
        and one.cohort = two.cohort
        and one.horizon_months is not distinct from two.horizon_months
where
    one.group_name = '{{ groups[0] }}'
    and two.group_name = '{{ groups[1] }}'
{%- endfor %}
{% endmacro %}


{% macro _square_and_add(one, two) -%}
    sqrt(({{ one }}) * ({{ one }}) + ({{ two }}) * ({{ two }}))
{%- endmacro %}
