{#-
    A landed table with the declared corrections of the vintage in the place of the delivered values. The join
    names only the columns that some correction changes; without any, it is the landed table itself.
-#}
{% macro corrected(table) %}
{%- set landed = source('landing', table) -%}
{%- set corrections = source('landing', 'corrections') -%}
{%- set fields = _corrected_fields(corrections, table) -%}
{%- if not fields -%}
{{ landed }}
{%- else -%}
(
    select
    {%- for column in adapter.get_columns_in_relation(landed) %}
        {%- if column.name in fields %}
        case
            when changes.changes_{{ column.name }} = 1 then cast(changes.{{ column.name }} as {{ column.data_type }})
            else delivered.{{ column.name }}
        end as {{ column.name }}
        {%- else %}
        delivered.{{ column.name }}
        {%- endif %}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
    from {{ landed }} as delivered
    left join (
        select
            delivery_id,
            row_number
            {%- for field in fields %},
            max(case when field = '{{ field }}' then 1 else 0 end) as changes_{{ field }},
            max(case when field = '{{ field }}' then to_value end) as {{ field }}
            {%- endfor %}
        from {{ corrections }}
        where table_name = '{{ table }}'
        group by
            delivery_id,
            row_number
    ) as changes
        on
            delivered.delivery_id = changes.delivery_id
            and delivered.row_number = changes.row_number
)
{%- endif -%}
{% endmacro %}


{%- macro _corrected_fields(corrections, table) -%}
    {%- if not execute or not load_relation(corrections) -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set found = run_query(
        "select distinct field from " ~ corrections ~ " where table_name = '" ~ table ~ "' order by field"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro -%}
