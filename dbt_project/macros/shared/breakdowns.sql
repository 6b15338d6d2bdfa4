{#-
    Counts for the whole and for each breakdown in one scan. `keys` are plain columns; `aggregates` are select
    items (`count(*) as members`); `breakdowns` are spec.breakdowns: names of columns of `relation` that are never
    null, or two of them joined by a star. Adds the columns breakdown ('total', 'sex', 'sex*age_band' …) and category
    ('' for total, 'female', 'female*18-24').
-#}
{% macro group_by_breakdowns(relation, keys, aggregates, breakdowns) %}
{%- set divided = [] -%}
{%- for breakdown in breakdowns if breakdown != 'total' -%}
    {#- Two dimensions first: whoever is grouped by both is grouped by each. #}
    {%- do divided.insert(0 if '*' in breakdown else divided | length, breakdown) -%}
{%- endfor -%}
select
    {{ keys | join(',\n    ') }},
    {%- if divided %}
    case
        {%- for breakdown in divided %}
        when {{ _is_by(breakdown) }} then '{{ breakdown }}'
        {%- endfor %}
        else 'total'
    end as breakdown,
    case
        {%- for breakdown in divided %}
        when {{ _is_by(breakdown) }} then {{ breakdown.split('*') | join(" || '*' || ") }}
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
    {%- for breakdown in divided %},
    ({{ keys | join(', ') }}, {{ breakdown.split('*') | join(', ') }})
    {%- endfor %}
)
{% endmacro %}


{% macro _is_by(breakdown) -%}
    {%- for column in breakdown.split('*') -%}
    grouping({{ column }}) = 0{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- The columns by which `breakdowns` (spec.breakdowns) divide, once each. -#}
{% macro breakdown_columns(breakdowns) %}
{%- set columns = [] -%}
{%- for breakdown in breakdowns if breakdown != 'total' -%}
    {%- for column in breakdown.split('*') if column not in columns -%}
        {%- do columns.append(column) -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(columns) }}
{% endmacro %}


{#- Whether a period or cohort (an alias of core.dim_period, or its column by itself) shows figures of a breakdown. -#}
{% macro is_shown(dimensions, breakdown) -%}
    {{ dimensions }} >= case
        when {{ breakdown }} = 'total' then 0
        when {{ breakdown }} like '%*%' then 2
        else 1
    end
{%- endmacro %}
