{#- A number that is not negative, divided and rounded down: `a / b` of integers is a float in one engine and an integer in another. -#}
{% macro whole_quotient(number, divisor) %}{{ return(adapter.dispatch('whole_quotient')(number, divisor)) }}{% endmacro %}

{% macro default__whole_quotient(number, divisor) -%}
    (({{ number }}) // {{ divisor }})
{%- endmacro %}
