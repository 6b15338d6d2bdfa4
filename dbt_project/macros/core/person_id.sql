{#-
    A person as one number, so that tables are grouped and joined by eight bytes instead of two texts. It is a 63-bit
    hash of country and key: the same in every build, and made from a row alone. Two persons with one number would
    be one person (odds of 1 in 4 million among 2 million people), so a test stops such a build.
-#}
{% macro person_id(country, person_key) %}
    {{ return(adapter.dispatch('person_id')(country, person_key)) }}
{% endmacro %}

{% macro default__person_id(country, person_key) -%}
    cast(hash({{ country }}, {{ person_key }}) >> 1 as bigint)
{%- endmacro %}


{#- A claim of a person likewise. Two of one person's would have to meet (odds of 1 in 10 to the 18th for each pair). -#}
{% macro claim_id(claim_key) %}{{ return(adapter.dispatch('claim_id')(claim_key)) }}{% endmacro %}

{% macro default__claim_id(claim_key) -%}
    case when {{ claim_key }} is not null then cast(hash({{ claim_key }}) >> 1 as bigint) end
{%- endmacro %}
