{#-
    A state that is gained and lost over time (work, housing, a status): the last change up to a month says whether
    it is held then; before any change, what was known at first contact.

    The changes of a person are one array of integers: twice the month, plus 1 where the state was gained. So they
    sort by month, and of a loss and a gain in one month the gain counts.
-#}

{#- `gained` and `lost` are conditions on the rows; null where neither is ever met. -#}
{% macro changes_of_state(month, gained, lost) -%}
    {{ rising_months(
        '2 * ' ~ month ~ ' + case when ' ~ gained ~ ' then 1 else 0 end',
        '(' ~ gained ~ ') or (' ~ lost ~ ')',
    ) }}
{%- endmacro %}


{#- yes, no or, where nothing has changed up to the end of `month`, `at_start`. -#}
{% macro state_at(changes, month, at_start) %}
    {{ return(adapter.dispatch('state_at')(changes, month, at_start)) }}
{% endmacro %}

{% macro default__state_at(changes, month, at_start) -%}
    case list_filter({{ changes }}, lambda change: change <= 2 * ({{ month }}) + 1)[-1] % 2
        when 1 then 'yes'
        when 0 then 'no'
        else {{ at_start }}
    end
{%- endmacro %}
