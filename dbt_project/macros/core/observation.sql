{#-
    Observation of a person from an origin month (indicators.md, "Populations and time"): the spell of contact
    that holds the origin or, where nobody observed the person then, the first one after it (delayed entry).
    `keys` tell a person's origins apart. Gives person_id, the keys, observed_from_month,
    observed_to_month and ended_by; no row for an origin that no spell follows.
-#}
{% macro first_observation(origins, origin_month, keys=[]) %}
select
    origins.person_id,
    {%- for key in keys %}
    origins.{{ key }},
    {%- endfor %}
    min(observation.observed_from_month) as observed_from_month,
    min(observation.observed_to_month) as observed_to_month,
    min_by(observation.ended_by, observation.observed_to_month) as ended_by
from {{ origins }} as origins
inner join {{ ref('fct_observation') }} as observation
    on
        origins.person_id = observation.person_id
        and origins.{{ origin_month }} <= observation.observed_to_month
group by
    origins.person_id
    {%- for key in keys -%},
    origins.{{ key }}
    {%- endfor %}
{% endmacro %}
