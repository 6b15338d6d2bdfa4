{#-
    Exits from support as method_aj follows them, one row an exit: `entry`, `unobserved_month`, `is_lost`, whether the
    person has others (`repeats`), and the first retrafficking since: in contact, or told after contact had lapsed
    (`recontacted_month`). The other columns are those of fct_person_exits.
-#}
{% macro followed_exits() %}
select
    country,
    person_id,
    exit_month as origin_month,
    observed_from_month,
    observed_to_month,
    {{ months_to_entry('observed_from_month', 'exit_month') }} as entry,
    coalesce(observed_to_month, exit_month) as unobserved_month,
    coalesce(observation_ended_by, 'lapse') <> 'cutoff' as is_lost,
    cutoff_month,
    case when retrafficked_month <= observed_to_month then retrafficked_month end as retrafficked_month,
    case when retrafficked_month > observed_to_month then retrafficked_month end as recontacted_month,
    removed_month,
    returned_month,
    died_month,
    closed_accommodation_month,
    repeats,
    {{ person_columns() | join(',\n    ') }}
from {{ ref('fct_person_exits') }}
{% endmacro %}


{#-
    The time axes of retrafficking in contact: followed as seen, as if nobody lost had been retrafficked, and as if all
    had. Removal and return censor; they are no success, so they are shown beside it.
-#}
{% macro retrafficking_axes() %}
{%- set ends = ['retrafficked', 'died', 'removed', 'returned'] -%}
{{ return({
    'observed': ends + ['unobserved'],
    'lost_all': ends + ['unobserved'],
    'lost_none': ends + ['cutoff'],
}) }}
{% endmacro %}
