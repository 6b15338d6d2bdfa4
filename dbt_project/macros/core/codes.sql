{#- A person with several forms is counted once, in a category of its own, so that categories add up. -#}
{% macro one_or_several(codes) -%}
    case when {{ codes }} like '%;%' then 'several' else {{ codes }} end
{%- endmacro %}


{#-
    A word of the contracts' code lists as the type `code`, which takes a byte or two where its text takes sixteen. Landed
    codes are few texts, repeated: what can't fail (hence try_cast) is worked out once for each of them.
-#}
{% macro as_code(value) %}{{ return(adapter.dispatch('as_code')(value)) }}{% endmacro %}

{% macro default__as_code(value) -%}
    try_cast({{ value }} as code)
{%- endmacro %}
