{#-
    Counts for the whole and for each breakdown in one scan. `keys` are plain columns; `aggregates` are select
    items (`count(*) as members`); `breakdowns` are spec.breakdowns: names of columns of `relation` that are never
    null, coarser dimensions of such columns, or two of them joined by a star. Adds the columns breakdown ('total',
    'sex', 'sex*age_band' …) and category ('' for total, 'female', 'female*18-24').
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
from {{ _with_coarser(relation, divided) }}
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


{#- The columns that `breakdowns` (spec.breakdowns) need, once each. -#}
{% macro breakdown_columns(breakdowns) %}
{%- set columns = [] -%}
{%- for breakdown in breakdowns if breakdown != 'total' -%}
    {%- for dimension in breakdown.split('*') -%}
        {%- set column = coarser_dimensions().get(dimension, {}).get('of', dimension) -%}
        {%- if column not in columns -%}
            {%- do columns.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{{ return(columns) }}
{% endmacro %}


{#-
    Dimensions that take groups of a finer one together: its column, and what makes of it. The registry says the
    same to disclosure control (COARSER); who is not known to be under 18 stands with the adults.
-#}
{% macro coarser_dimensions() %}
{{ return({'age_group': {
    'of': 'age_band',
    'made': "case when age_band in ('0-8', '9-17') then 'child' else 'adult_or_unknown' end",
}}) }}
{% endmacro %}


{#- `relation` with the coarser dimensions among `breakdowns` as columns. -#}
{% macro _with_coarser(relation, breakdowns) -%}
    {%- set made = [] -%}
    {%- for dimension, one in coarser_dimensions().items() if dimension in breakdowns -%}
        {%- do made.append(one['made'] ~ ' as ' ~ dimension) -%}
    {%- endfor -%}
    {%- if made -%}
    (select *, {{ made | join(', ') }} from {{ relation }}) as divided
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#- Whether a period or cohort (an alias of core.dim_period, or its column by itself) shows figures of a breakdown. -#}
{% macro is_shown(dimensions, breakdown) -%}
    {{ dimensions }} >= case
        when {{ breakdown }} = 'total' then 0
        when {{ breakdown }} in ('age_group', 'sex*age_group') then 2
        when {{ breakdown }} like '%*%' then 3
        else 1
    end
{%- endmacro %}
