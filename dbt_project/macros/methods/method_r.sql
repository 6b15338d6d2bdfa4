{#-
    R: a ratio of sums of money over the same claims or inspections, such as wages paid to wages found owed.

    `members`: one row a claim or inspection, with
        country, and flow_month (method_r_flow) or origin_month (method_r_cohort)
        base                    decimal(18,2) money that is due; null where it can't be added to the others'
        part                    decimal(18,2) how much of it came; null where that, or the base, is not known
        and each of spec.breakdowns.

    Numerator and denominator are sums over members with both known. The known share is the share of members with
    a base, times the share of their money whose part is known. The interval is the normal one around the ratio,
    cut at 0, from the linearised variance (Taylor; Cochran 1977, 2.11):
        n/(n-1) · (Σy² - 2rΣxy + r²Σx²) / (Σx)², with x the base, y the part, n members, r = Σy / Σx.
    Sums of squares are exact integers of cents: floats appear only once everything is added up.
-#}

{#-
    The ratio for the periods in which members fall. A period has a row once its last month lies `closed_after`
    months before the cut-off.
-#}
{% macro method_r_flow(members, spec, closed_after) %}
with sums as (
    {{ _ratio_sums(members, ['country', 'flow_month'], spec) }}
),

in_periods as (
    {{ sum_over_periods('sums', [], _ratio_columns()) }}
),

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

{{ _ratio_rows('placed', spec) }}
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
    {{ _ratio_sums('dated', ['country', 'cohort_year'], spec) }}
),

cohorts as (
    {{ sum_over_cohorts('sums', [], _ratio_columns()) }}
),

placed as (
    select
        *,
        cast({{ year_of('last_month + ' ~ horizon) }} as varchar) as period,
        {{ horizon }} as horizon_months
    from cohorts
    where last_month + {{ horizon }} <= cutoff_month
),

{{ _ratio_rows('placed', spec) }}
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
            'sum(case when part is not null then base else 0 end) as base',
            'sum(coalesce(part, 0)) as part',
            'sum(case when part is null then coalesce(base, 0) else 0 end) as open_base',
            'sum(case when part is not null then ' ~ base ~ ' * ' ~ base ~ ' else 0 end) as base_squares',
            'sum(coalesce(' ~ part ~ ' * ' ~ part ~ ', 0)) as part_squares',
            'sum(coalesce(' ~ base ~ ' * ' ~ part ~ ', 0)) as products',
        ],
        spec.get('breakdowns', []),
    ) }}
{% endmacro %}


{#-
    The last CTEs and the rows of the measure `value` and, where the spec names them, its bounds: `unknown_low` (nothing came where the
    part is unknown) and `unknown_high` (all of it came). `sums` has country, period, cohort, horizon_months,
    breakdown, category and _ratio_columns.
-#}
{% macro _ratio_rows(sums, spec) %}
{%- set has_bounds = 'unknown_low' in spec.get('measures', {}) -%}
ratios as (
    select
        *,
        cast(units as double) as members,
        part / nullif(cast(base as double), 0) as ratio,
        coalesce(base / nullif(cast(base + open_base as double), 0), 0)
        * (units + without_part)
        / (units + without_part + without_base) as known_share
    from {{ sums }}
),

-- Equal ratios everywhere leave no spread: rounding may then go below 0 by the last bits.
spreads as (
    select
        *,
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
    from ratios
)

select
    country,
    period,
    cohort,
    'value' as measure,
    horizon_months,
    breakdown,
    category,
    part as numerator,
    base as denominator,
    without_base + without_part as unknown,
    units,
    null as at_risk,
    known_share,
    ratio as estimate,
    case when std_error is not null then greatest(0, ratio - {{ z95() }} * std_error) end as ci_low,
    ratio + {{ z95() }} * std_error as ci_high,
    std_error,
    'share' as unit,
    'R' as method,
    case when ratio is null then 'x' else '' end as flag
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
    case when base + open_base = 0 then 'x' else '' end as flag
from spreads
{%- endfor %}
{%- endif %}
{% endmacro %}
