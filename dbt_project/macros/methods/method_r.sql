{#-
    R: a ratio of sums over the same claims or inspections, such as wages paid to wages found owed, or persons shared
    with immigration to workers met.

    `members`: one row a claim or inspection and measure, with
        country, and flow_month (method_r_flow) or origin_month (method_r_cohort)
        measure                 one of spec.measures; a member outside a measure has no row of it
        base                    what is due, or who was met, of at most 2 decimals; null where it can't be added
        part                    how much of it came, or how many of them; null where that, or the base, is not known
        and each of spec.breakdowns
        and, of money, spec.contributor: the column of whom an amount would tell.
    `rates`: {measure: {unit, scale}} of the measures that are not shares, as {unit: per_100_workers, scale: 100}.

    Numerator and denominator are sums over members with both known. The known share is the share of members with
    a base, times the share of their money whose part is known. The interval is the normal one around the ratio,
    cut at 0, from the linearised variance (Taylor; Cochran 1977, 2.11):
        n/(n-1) · (Σy² - 2rΣxy + r²Σx²) / (Σx)², with x the base, y the part, n members, r = Σy / Σx.
    Sums of squares are exact integers of cents: floats appear only once everything is added up.

    Money that one contributor dominates is flagged c by the p % rule (Hundepool and others, Statistical Disclosure
    Control, 2012, 4.2.1): the second largest contributor could tell the largest to within p %.
-#}

{#-
    The ratio for the periods in which members fall. A period has a row once its last month lies `closed_after`
    months before the cut-off.
-#}
{% macro method_r_flow(members, spec, closed_after=0, rates={}) %}
with sums as (
    {{ _ratio_sums(members, ['country', 'flow_month', 'measure'], spec) }}
),

in_periods as (
    {{ sum_over_periods('sums', ['measure'], _ratio_columns()) }}
),
{{ _dominations(members, ['country', 'flow_month', 'measure'], spec, sum_over_periods, 'period') }}
placed as (
    select
        in_periods.*,
        '' as cohort,
        null as horizon_months
    from in_periods
    inner join {{ ref('dim_period') }} as closed
        on
            in_periods.country = closed.country
            and in_periods.period = closed.period
            and closed.last_month + {{ closed_after }} <= closed.cutoff_month
),

{{ _ratio_rows('placed', spec, rates) }}
{% endmacro %}


{#- The ratio for entry cohorts at the spec's horizons: the parts given are those that came by `horizon`. -#}
{% macro method_r_cohort(members, spec, horizon) %}
with dated as (
    select
        *,
        {{ year_of('origin_month') }} as cohort_year
    from {{ members }}
),

sums as (
    {{ _ratio_sums('dated', ['country', 'cohort_year', 'measure'], spec) }}
),

cohorts as (
    {{ sum_over_cohorts('sums', ['measure'], _ratio_columns()) }}
),
{{ _dominations('dated', ['country', 'cohort_year', 'measure'], spec, sum_over_cohorts, 'cohort') }}
placed as (
    select
        *,
        cast({{ year_of('last_month + ' ~ horizon) }} as varchar) as period,
        {{ horizon }} as horizon_months
    from cohorts
    where last_month + {{ horizon }} <= cutoff_month
),

{{ _ratio_rows('placed', spec, span='cohort') }}
{% endmacro %}


{#-
    Rates of what happened to a known exposure that is no sum over the members, such as inspections per 10,000
    employed, for years and pooled years.

    `parts`: one row a member and measure, with country, flow_month, measure, part (null where not known), is_covered
    (whether its exposure is known) and each of spec.breakdowns. `exposures`: one row a country, year, measure and the
    breakdowns, with base. Numerator and denominator are over covered members and known exposures.

    Members come by chance and the exposure is given, so the variance is that of a compound Poisson sum, Σy² / X²,
    y the part and X the exposure (Klugman, Panjer and Willmot, Loss Models, aggregate losses); for counts it is the
    Poisson variance n / X². Of none at all the upper bound is the exact one, -ln(0.025) / X.
-#}
{% macro method_r_exposure(parts, exposures, spec, rates) %}
with exposed as (
    select *
    from {{ exposures }}
),

sums as (
    {{ group_by_breakdowns(
        parts,
        ['country', 'flow_month', 'measure'],
        [
            'sum(case when is_covered and part is not null then 1 else 0 end) as units',
            'sum(case when is_covered then 0 else 1 end) as without_base',
            'sum(case when is_covered and part is null then 1 else 0 end) as without_part',
            '0 as base',
            'sum(case when is_covered then coalesce(part, 0) else 0 end) as part',
            '0 as open_base',
            '0 as base_squares',
            'sum(case when is_covered then 10000 * coalesce(part * part, 0) else 0 end) as part_squares',
            '0 as products',
        ],
        spec.get('breakdowns', []),
    ) }}

    union all

    {{ group_by_breakdowns(
        'exposed',
        ['country', 'flow_month', 'measure'],
        [
            '0 as units',
            '0 as without_base',
            '0 as without_part',
            'sum(base) as base',
            '0 as part',
            '0 as open_base',
            '0 as base_squares',
            '0 as part_squares',
            '0 as products',
        ],
        spec.get('breakdowns', []),
    ) }}
),

in_periods as (
    {{ sum_over_periods('sums', ['measure'], _ratio_columns()) }}
),

-- An exposure is a year's, so that a quarter has no rate.
placed as (
    select
        in_periods.*,
        '' as cohort,
        null as horizon_months
    from in_periods
    inner join {{ ref('dim_period') }} as periods
        on
            in_periods.country = periods.country
            and in_periods.period = periods.period
            and periods.kind <> 'quarter'
),

{{ _ratio_rows('placed', spec, rates, fixed_base=true) }}
{% endmacro %}


{% macro _ratio_columns() %}
    {{ return([
        'units', 'without_base', 'without_part',
        'base', 'part', 'open_base',
        'base_squares', 'part_squares', 'products',
    ]) }}
{% endmacro %}


{#- Cents of at most 19 digits, so that a product of two fits the 38 digits of the widest decimal. -#}
{% macro _cents(amount) -%}
    cast(100 * {{ amount }} as decimal(19, 0))
{%- endmacro %}


{#- What _ratio_columns names, additive over months, years and categories; open_base: money whose part is unknown. -#}
{% macro _ratio_sums(members, keys, spec) %}
    {%- set base = _cents('base') -%}
    {%- set part = _cents('part') -%}
    {{ group_by_breakdowns(
        members,
        keys,
        [
            'count(part) as units',
            'count(*) - count(base) as without_base',
            'count(base) - count(part) as without_part',
        ] + _amounts_of_members() + [
            'sum(case when part is not null then ' ~ base ~ ' * ' ~ base ~ ' else 0 end) as base_squares',
            'sum(coalesce(' ~ part ~ ' * ' ~ part ~ ', 0)) as part_squares',
            'sum(coalesce(' ~ base ~ ' * ' ~ part ~ ', 0)) as products',
        ],
        spec.get('breakdowns', []),
    ) }}
{% endmacro %}


{#- The three sums of money among _ratio_columns. -#}
{% macro _amounts_of_members() %}
    {{ return([
        'sum(case when part is not null then base else 0 end) as base',
        'sum(coalesce(part, 0)) as part',
        'sum(case when part is null then coalesce(base, 0) else 0 end) as open_base',
    ]) }}
{% endmacro %}


{#-
    The CTEs that end in `dominated`, where the ratio is of money: whether a sum of a cell is dominated, since what is
    left of it without its two largest contributors is less than p % of the largest. `sum_over` is the macro that sums
    `keys` over spans, `span` the column of these.
-#}
{% macro _dominations(members, keys, spec, sum_over, span) %}
{%- set p = 0.1 -%}
{%- if spec.get('contributor') %}
contributions as (
    {{ group_by_breakdowns(
        members,
        keys + [spec.contributor],
        _amounts_of_members(),
        spec.get('breakdowns', []),
    ) }}
),

contributed as (
    {{ sum_over('contributions', ['measure', spec.contributor], ['base', 'part', 'open_base']) }}
),

dominated as (
    select
        country,
        {{ span }},
        measure,
        breakdown,
        category,
        {% for amount in ['base', 'part', 'base + open_base', 'part + open_base'] -%}
        sum({{ amount }}) - list_sum(max({{ amount }}, 2)) < {{ p }} * max({{ amount }})
        {{- ' as is_dominated' if loop.last else '\n        or ' }}
        {%- endfor %}
    from contributed
    group by
        country,
        {{ span }},
        measure,
        breakdown,
        category
),
{%- endif %}
{% endmacro %}


{#-
    The last CTEs and the rows of each measure and, where the spec names them, the bounds of `value`: `unknown_low`
    (nothing came where the part is unknown) and `unknown_high` (all of it came). `sums` has country, period, cohort,
    measure, horizon_months, breakdown, category and _ratio_columns; `dominated`, of money, that of _dominations by
    `span`. `fixed_base`: see method_r_exposure.
-#}
{% macro _ratio_rows(sums, spec, rates={}, fixed_base=false, span='period') %}
{%- set has_bounds = 'unknown_low' in spec.get('measures', {}) -%}
{%- set is_money = spec.get('contributor') -%}
ratios as (
    select
        *,
        cast(units as double) as members,
        part / nullif(cast(base as double), 0) as ratio,
        coalesce(base / nullif(cast(base + open_base as double), 0), 0)
        * {{ 'case when units + without_part + without_base = 0 then 1 else units + without_part end' if fixed_base else '(units + without_part)' }}
        / {{ 'greatest(1, units + without_part + without_base)' if fixed_base else '(units + without_part + without_base)' }} as known_share,
        {% if rates -%}
        case measure
            {%- for measure, rate in rates.items() %}
            when '{{ measure }}' then {{ rate.scale }}
            {%- endfor %}
            else 1
        end as scale,
        case measure
            {%- for measure, rate in rates.items() %}
            when '{{ measure }}' then '{{ rate.unit }}'
            {%- endfor %}
            else 'share'
        end as unit
        {%- else -%}
        1 as scale,
        'share' as unit
        {%- endif %}
    from {{ sums }}
    {%- if is_money %}
    inner join dominated using (country, {{ span }}, measure, breakdown, category)
    {%- endif %}
),

-- Equal ratios everywhere leave no spread: rounding may then go below 0 by the last bits.
spreads as (
    select
        *,
        {% if fixed_base -%}
        case
            when base > 0 then sqrt(cast(part_squares as double)) / (100 * cast(base as double))
        end as std_error
        {%- else -%}
        case
            when members > 1 and base > 0
                then sqrt(
                    members / (members - 1) * greatest(
                        0,
                        cast(part_squares as double)
                        - 2 * ratio * cast(products as double)
                        + ratio * ratio * cast(base_squares as double)
                    )
                ) / (100 * cast(base as double))
        end as std_error
        {%- endif %}
    from ratios
)

select
    country,
    period,
    cohort,
    measure,
    horizon_months,
    breakdown,
    category,
    part as numerator,
    base as denominator,
    without_base + without_part as unknown,
    units,
    null as at_risk,
    known_share,
    scale * ratio as estimate,
    case when std_error is not null then scale * greatest(0, ratio - {{ z95() }} * std_error) end as ci_low,
    {% if fixed_base -%}
    scale * case when part = 0 then -ln(0.025) / base else ratio + {{ z95() }} * std_error end as ci_high,
    {%- else -%}
    scale * (ratio + {{ z95() }} * std_error) as ci_high,
    {%- endif %}
    scale * std_error as std_error,
    unit,
    'R' as method,
    case when ratio is null then 'x'{{ " when is_dominated then 'c'" if is_money }} else '' end as flag
from spreads
{%- if has_bounds %}
{%- for bound, numerator in [('unknown_low', 'part'), ('unknown_high', 'part + open_base')] %}

union all

select
    country,
    period,
    cohort,
    '{{ bound }}' as measure,
    horizon_months,
    breakdown,
    category,
    {{ numerator }} as numerator,
    base + open_base as denominator,
    without_base as unknown,
    units + without_part as units,
    null as at_risk,
    known_share,
    ({{ numerator }}) / nullif(cast(base + open_base as double), 0) as estimate,
    null as ci_low,
    null as ci_high,
    null as std_error,
    'share' as unit,
    'R' as method,
    case when base + open_base = 0 then 'x'{{ " when is_dominated then 'c'" if is_money }} else '' end as flag
from spreads
where measure = 'value'
{%- endfor %}
{%- endif %}
{% endmacro %}
