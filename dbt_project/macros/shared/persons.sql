{#- The attributes of a person by which figures are broken down, as dim_person names them. -#}
{% macro person_columns() %}
{{ return(['sex', 'age_band', 'form', 'citizenship', 'residence', 'region']) }}
{% endmacro %}

{#- The same as select items of `alias`. -#}
{% macro person_attributes(alias) -%}
    {{ alias }}.{{ person_columns() | join(',\n        ' ~ alias ~ '.') }}
{%- endmacro %}
