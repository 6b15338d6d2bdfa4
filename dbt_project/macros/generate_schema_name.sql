{#- Schemas bear their plain names (staging, core, indicators): one warehouse file, one vintage. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
