{#- One row for each integer from first to last, both included; used as a select item. -#}
{% macro each_integer(first, last) %}{{ return(adapter.dispatch('each_integer')(first, last)) }}{% endmacro %}

{% macro default__each_integer(first, last) -%}
    unnest(range({{ first }}, {{ last }} + 1))
{%- endmacro %}
