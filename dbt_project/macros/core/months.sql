{#- A month is the integer 12 * year + month - 1, so that a distance is a subtraction. -#}

{% macro month_number(text) %}{{ return(adapter.dispatch('month_number')(text)) }}{% endmacro %}

{% macro default__month_number(text) -%}
    (cast(left({{ text }}, 4) as integer) * 12 + cast(right({{ text }}, 2) as integer) - 1)
{%- endmacro %}


{#- The last month of a quarter written 2024Q4. -#}
{% macro quarter_end_month(text) %}{{ return(adapter.dispatch('quarter_end_month')(text)) }}{% endmacro %}

{% macro default__quarter_end_month(text) -%}
    (cast(left({{ text }}, 4) as integer) * 12 + cast(right({{ text }}, 1) as integer) * 3 - 1)
{%- endmacro %}


{#- Whole years, rounded down: `a / b` of integers is a float in one engine and an integer in another. -#}
{% macro year_of(month) %}{{ return(adapter.dispatch('year_of')(month)) }}{% endmacro %}

{% macro default__year_of(month) -%}
    cast(floor(({{ month }}) / 12) as integer)
{%- endmacro %}
