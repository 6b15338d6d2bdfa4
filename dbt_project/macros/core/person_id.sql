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
