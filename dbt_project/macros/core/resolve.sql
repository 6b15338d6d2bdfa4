{#-
    One value where several sources speak: the value at the earliest (or latest) month. Where sources of that
    same month contradict each other, the value is `unknown`. A month has five digits, so that month and value
    compare as one text, which is far cheaper than comparing structures.
-#}

{% macro _smallest_at(value, month, first, known) -%}
    min(cast({{ month if first else '99999 - ' ~ month }} as varchar) || {{ value }})
        filter (where {{ known }})
{%- endmacro %}

{% macro _largest_at(value, month, first, known) -%}
    max(cast({{ '99999 - ' ~ month if first else month }} as varchar) || {{ value }})
        filter (where {{ known }})
{%- endmacro %}

{#- `only_known`: look for the first value that is not unknown. -#}
{% macro value_at(value, month, first=true, only_known=true) -%}
    {%- set known = value ~ " <> 'unknown'" if only_known else 'true' -%}
    case
        when
            substr({{ _smallest_at(value, month, first, known) }}, 6)
            = substr({{ _largest_at(value, month, first, known) }}, 6)
            then substr({{ _smallest_at(value, month, first, known) }}, 6)
        else 'unknown'
    end
{%- endmacro %}

{#- 1 where sources of the earliest month contradict each other, else 0. -#}
{% macro conflict_at(value, month) -%}
    {%- set known = value ~ " <> 'unknown'" -%}
    case
        when
            substr({{ _smallest_at(value, month, true, known) }}, 6)
            <> substr({{ _largest_at(value, month, true, known) }}, 6)
            then 1
        else 0
    end
{%- endmacro %}
