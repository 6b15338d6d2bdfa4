{#- A month is the integer 12 * year + month - 1, so that a distance is a subtraction. -#}

{% macro month_number(text) %}{{ return(adapter.dispatch('month_number')(text)) }}{% endmacro %}

{#-
    Landed months are few texts, repeated: an expression that can't fail is worked out once for each of them, and a
    cast can fail where try_cast can't. The gate has let nothing pass that is no month.
-#}
{% macro default__month_number(text) -%}
    cast(date_diff('month', date '0000-01-01', try_cast({{ text }} || '-01' as date)) as integer)
{%- endmacro %}


{#- The last month of a quarter written 2024Q4. -#}
{% macro quarter_end_month(text) %}{{ return(adapter.dispatch('quarter_end_month')(text)) }}{% endmacro %}

{% macro default__quarter_end_month(text) -%}
    (cast(left({{ text }}, 4) as integer) * 12 + cast(right({{ text }}, 1) as integer) * 3 - 1)
{%- endmacro %}


{#- Whole years, rounded down; months count from the year 0. -#}
{% macro year_of(month) -%}
    cast({{ whole_quotient(month, 12) }} as integer)
{%- endmacro %}
