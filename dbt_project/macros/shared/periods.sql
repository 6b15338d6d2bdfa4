{#-
    Sums over the periods that may be shown (core.dim_period). Sums add up, so counts are taken once, at the
    grain of a month or a year, and added here.
-#}

{#-
    Flow: `counts` has country, flow_month, `keys` (measure …), breakdown, category and `sums`. Gives one row a
    country, period, keys, breakdown and category.
-#}
{% macro sum_over_periods(counts, keys, sums) %}
select
    counts.country,
    periods.period,
    {%- for key in keys %}
    counts.{{ key }},
    {%- endfor %}
    counts.breakdown,
    counts.category,
    {%- for item in sums %}
    sum(counts.{{ item }}) as {{ item }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ counts }} as counts
inner join {{ ref('dim_period') }} as periods
    on
        counts.country = periods.country
        and counts.flow_month between periods.first_month and periods.last_month
        and {{ is_shown('periods.dimensions', 'counts.breakdown') }}
group by
    counts.country,
    periods.period,
    {%- for key in keys %}
    counts.{{ key }},
    {%- endfor %}
    counts.breakdown,
    counts.category
{% endmacro %}


{#-
    Cohort: `counts` has country, cohort_year, `keys`, breakdown, category and `sums`. Gives one row a country,
    cohort, keys, breakdown and category, with the cohort's last_month and the cut-off_month: a horizon is
    reached once last_month + horizon <= cutoff_month.
-#}
{% macro sum_over_cohorts(counts, keys, sums) %}
select
    counts.country,
    cohorts.period as cohort,
    cohorts.last_month,
    cohorts.cutoff_month,
    {%- for key in keys %}
    counts.{{ key }},
    {%- endfor %}
    counts.breakdown,
    counts.category,
    {%- for item in sums %}
    sum(counts.{{ item }}) as {{ item }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ counts }} as counts
inner join {{ ref('dim_period') }} as cohorts
    on
        counts.country = cohorts.country
        and 12 * counts.cohort_year between cohorts.first_month and cohorts.last_month
        and cohorts.kind in ('year', 'years')
        and {{ is_shown('cohorts.dimensions', 'counts.breakdown') }}
group by
    counts.country,
    cohorts.period,
    cohorts.last_month,
    cohorts.cutoff_month,
    {%- for key in keys %}
    counts.{{ key }},
    {%- endfor %}
    counts.breakdown,
    counts.category
{% endmacro %}
