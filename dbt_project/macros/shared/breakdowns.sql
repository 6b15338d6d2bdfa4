{#-
    Counts for the whole and for each breakdown in one scan. `keys` are plain columns; `aggregates` are select
    items (`count(*) as members`); `breakdowns` are spec.breakdowns, whose names are columns of `relation` that
    are never null. Adds the columns breakdown ('total', 'sex' …) and category ('' for total).
-#}
{% macro group_by_breakdowns(relation, keys, aggregates, breakdowns) %}
{%- set columns = breakdowns | reject('equalto', 'total') | list -%}
select
    {{ keys | join(',\n    ') }},
    {%- if columns %}
    case
        {%- for column in columns %}
        when grouping({{ column }}) = 0 then '{{ column }}'
        {%- endfor %}
        else 'total'
    end as breakdown,
    case
        {%- for column in columns %}
        when grouping({{ column }}) = 0 then {{ column }}
        {%- endfor %}
        else ''
    end as category,
    {%- else %}
    'total' as breakdown,
    '' as category,
    {%- endif %}
    {{ aggregates | join(',\n    ') }}
from {{ relation }}
group by grouping sets (
    ({{ keys | join(', ') }})
    {%- for column in columns %},
    ({{ keys | join(', ') }}, {{ column }})
    {%- endfor %}
)
{% endmacro %}
