{#- The CTE body of a table with the spec's horizons, in months. -#}
{% macro horizon_values(spec) -%}
    values {% for horizon in spec.get('horizons', [12]) %}({{ horizon }}){{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}
