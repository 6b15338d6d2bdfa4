{#-
    Rules that hold of every indicator's rows whatever the data. Each failing row names the rule it breaks.
-#}
{% test indicator_rows_keep_their_rules(model) %}
{%- set rules = {
    'the key names one row': 'copies > 1',
    'the numerator of a share never exceeds the denominator': "unit = 'share' and numerator > denominator",
    'counts are never negative': 'numerator < 0 or denominator < 0 or unknown < 0 or units < 0 or at_risk < 0',
    'no more are at risk than were counted': 'at_risk > units',
    'a share lies between 0 and 1': "unit = 'share' and (estimate < 0 or estimate > 1)",
    'the known share lies between 0 and 1': 'known_share < 0 or known_share > 1',
    'an interval holds its estimate': 'ci_low > estimate or ci_high < estimate',
    'a row without flag has an estimate': "flag = '' and estimate is null",
    'a total has no category, a breakdown has one': "(breakdown = 'total') <> (category = '')",
    'only cohorts are followed to a horizon': "(cohort = '') <> (horizon_months is null)",
} -%}
with numbered as (
    select
        *,
        count(*) over (
            partition by country, period, cohort, measure, horizon_months, breakdown, category
        ) as copies
    from {{ model }}
)

{%- for rule, broken in rules.items() %}
select
    '{{ rule }}' as rule,
    numbered.*
from numbered
where {{ broken }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endtest %}
