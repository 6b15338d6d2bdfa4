{#- A person with several forms is counted once, in a category of its own, so that categories add up. -#}
{% macro one_or_several(codes) -%}
    case when {{ codes }} like '%;%' then 'several' else {{ codes }} end
{%- endmacro %}
