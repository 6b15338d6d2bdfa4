{#-
    Spells of months. Two spells of a person are one when the later begins at most `gap` months after every
    earlier one has ended.
-#}

{#- The rows of `relation` with spell_number: 1 for a person's first joined spell, 2 for the next. -#}
{% macro number_spells(relation, first_month, last_month, gap) %}
select
    *,
    sum(case when {{ first_month }} <= reach + {{ gap }} then 0 else 1 end) over (
        partition by person_id
        order by {{ first_month }}, {{ last_month }}
        rows between unbounded preceding and current row
    ) as spell_number
from (
    select
        *,
        max({{ last_month }}) over (
            partition by person_id
            order by {{ first_month }}, {{ last_month }}
            rows between unbounded preceding and 1 preceding
        ) as reach
    from {{ relation }}
) as reached
{% endmacro %}


{#-
    The months of the rows that meet `condition`, in rising order, as one array: an aggregate that scans events once,
    without a sort of them. Null where no row does.
-#}
{% macro rising_months(month, condition='true') %}
    {{ return(adapter.dispatch('rising_months')(month, condition)) }}
{% endmacro %}

{% macro default__rising_months(month, condition) -%}
    list_sort(list({{ month }}) filter (where {{ condition }}))
{%- endmacro %}


{#- The first of `months` (array, rising) that is `since` or later; null if none. -#}
{% macro first_month_since(months, since) %}
    {{ return(adapter.dispatch('first_month_since')(months, since)) }}
{% endmacro %}

{% macro default__first_month_since(months, since) -%}
    list_filter({{ months }}, lambda m: m >= {{ since }})[1]
{%- endmacro %}


{#-
    One row for each run of `months` (array, rising) whose neighbours are at most `gap` apart, with the columns
    person_id, first_month, last_month.
-#}
{% macro runs_of_months(relation, months, gap) %}
    {{ return(adapter.dispatch('runs_of_months')(relation, months, gap)) }}
{% endmacro %}

{% macro default__runs_of_months(relation, months, gap) %}
select
    person_id,
    unnest(list_transform(starts, lambda i: {{ months }}[i])) as first_month,
    unnest(list_transform(ends, lambda i: {{ months }}[i])) as last_month
from (
    select
        *,
        list_filter(
            range(1, len({{ months }}) + 1),
            lambda i: i = 1 or {{ months }}[i] - {{ months }}[i - 1] > {{ gap }}
        ) as starts,
        list_filter(
            range(1, len({{ months }}) + 1),
            lambda i: i = len({{ months }}) or {{ months }}[i + 1] - {{ months }}[i] > {{ gap }}
        ) as ends
    from {{ relation }}
) as marked
{% endmacro %}
