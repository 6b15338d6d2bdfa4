{#- Codes as a list of SQL literals, for `in (…)`. -#}
{% macro quoted(codes) -%}
    '{{ codes | join("', '") }}'
{%- endmacro %}
