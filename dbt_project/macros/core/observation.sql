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
    The members of an entry cohort: observation since the origin as method_aj asks for it (`entry`, `unobserved_month`,
    `is_lost`, `cutoff_month`), the ends of a life course, and what is known of the person. `origins`: one row a
    person with `origin_month`. Whoever nobody observed is lost at the origin. `carried`: further columns, of `origins` or
    of the person's `milestones`.
-#}
{% macro cohort_members(origins, carried=[]) %}
select
    persons.country,
    persons.person_id,
    origins.origin_month,
    observed.observed_from_month,
    observed.observed_to_month,
    {{ months_to_entry('observed.observed_from_month', 'origins.origin_month') }} as entry,
    coalesce(observed.observed_to_month, origins.origin_month) as unobserved_month,
    coalesce(observed.ended_by, 'lapse') <> 'cutoff' as is_lost,
    vintage.cutoff_month,
    milestones.died_month,
    milestones.removed_month,
    milestones.returned_month,
    persons.first_contact_month,
    {{ person_attributes('persons') }},
    persons.unaccompanied_or_separated_child,
    persons.separated_from_family,
    persons.in_work_at_start,
    persons.stable_housing_at_start
    {%- for column in carried %},
    {{ column }}
    {%- endfor %}
from {{ origins }} as origins
inner join {{ ref('dim_person') }} as persons on origins.person_id = persons.person_id
inner join {{ ref('dim_vintage') }} as vintage on persons.country = vintage.country
inner join {{ ref('fct_person_milestones') }} as milestones on origins.person_id = milestones.person_id
left join {{ ref('fct_observation') }} as observed on {{ is_first_observation('observed', 'origins', 'origin_month') }}
{% endmacro %}


{#- Months from the origin after which somebody is seen; -1 where that is from the origin on. -#}
{% macro months_to_entry(observed_from_month, origin_month) -%}
    case
        when {{ observed_from_month }} <= {{ origin_month }} then -1
        else coalesce({{ observed_from_month }} - {{ origin_month }}, 0)
    end
{%- endmacro %}
