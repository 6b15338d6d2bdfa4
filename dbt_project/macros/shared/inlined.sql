{#-
    Between `as` and a common table expression that is read more than once but is cheaper to work out again than to
    keep: millions of rows that become counts at once.
-#}
{% macro inlined() %}{{ return(adapter.dispatch('inlined')()) }}{% endmacro %}

{% macro default__inlined() -%}
    not materialized
{%- endmacro %}


{#- Likewise where it is read more than once and dear to work out: narrow rows that are worth keeping. -#}
{% macro kept() %}{{ return(adapter.dispatch('kept')()) }}{% endmacro %}

{% macro default__kept() -%}
    materialized
{%- endmacro %}
