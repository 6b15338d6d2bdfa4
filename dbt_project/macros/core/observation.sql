{#-
    Joins the observation of a person from an origin month (indicators.md, "Populations and time"): the spell of contact
    that holds the origin or, where nobody observed the person then, the first one after it (delayed entry). At most one
    row of fct_observation (the alias `spells`) meets it for a person and `origin_month` of `origins`.
-#}
{% macro is_first_observation(spells, origins, origin_month) -%}
    {{ origins }}.person_id = {{ spells }}.person_id
    and {{ origins }}.{{ origin_month }} <= {{ spells }}.observed_to_month
    and {{ origins }}.{{ origin_month }} > {{ spells }}.previous_to_month
{%- endmacro %}


{#-
    The members of an entry cohort, one row a person of fct_person_milestones: observation since the origin as method_aj
    asks for it (`entry`, `unobserved_month`, `is_lost`, `cutoff_month`), the ends of a life course, what is known of the
    person, and the columns `carried`. `observed` begins the names of the spell of contact since the origin. Whoever
    nobody observed is lost at the origin.
-#}
{% macro cohort(origin_month, carried, observed='') %}
{%- set from_month = observed ~ 'observed_from_month' -%}
{%- set to_month = observed ~ 'observed_to_month' -%}
select
    country,
    person_id,
    {{ origin_month }} as origin_month,
    {{ from_month }} as observed_from_month,
    {{ to_month }} as observed_to_month,
    {{ months_to_entry(from_month, origin_month) }} as entry,
    coalesce({{ to_month }}, {{ origin_month }}) as unobserved_month,
    coalesce({{ observed }}is_lost, true) as is_lost,
    cutoff_month,
    died_month,
    removed_month,
    returned_month,
    first_contact_month,
    {{ person_columns() | join(',\n    ') }},
    unaccompanied_or_separated_child,
    separated_from_family,
    in_work_at_start,
    stable_housing_at_start,
    {{ carried | join(',\n    ') }}
from {{ ref('fct_person_milestones') }}
{%- endmacro %}


{#- Months from the origin after which somebody is seen; -1 where that is from the origin on. -#}
{% macro months_to_entry(observed_from_month, origin_month) -%}
    case
        when {{ observed_from_month }} <= {{ origin_month }} then -1
        else coalesce({{ observed_from_month }} - {{ origin_month }}, 0)
    end
{%- endmacro %}
