{#-
    Which delivered rows are current. Only deliveries that the vintage holds as accepted count. Where a row
    may come again in a later period (a person, an episode), the latest period's version wins: deliveries are
    ranked by the period's last month, then the month sent, then their id, which makes the order total.
-#}

{% macro accepted_rows(table) %}
select
    landed.*,
    deliveries.country,
    deliveries.provider_number,
    deliveries.delivery_rank * 1000000000000 + landed.row_number as version
from {{ corrected(table) }} as landed
inner join {{ ref('stg_deliveries') }} as deliveries on landed.delivery_id = deliveries.delivery_id
{% endmacro %}


{#-
    `keys`: the columns that, with the provider, name the thing the row describes. `derived`: {key: expression} of
    keys that are not landed; the rows have them as columns. The landed rows are read twice, narrow and wide: kept as
    a common table expression they would all be held with every column. `among`: a condition on landed rows.
-#}
{% macro latest_rows(table, keys, derived={}, among=none) %}
select
    {%- for key in derived %}
    latest.{{ key }},
    {%- endfor %}
    accepted.*
from ({{ accepted_rows(table) }}) as accepted
inner join (
    select
        {%- for key, expression in derived.items() %}
        {{ expression }} as {{ key }},
        {%- endfor %}
        max(version) as version
    from ({{ accepted_rows(table) }}) as versions
    {%- if among %}
    where {{ among }}
    {%- endif %}
    group by
        {{ (['provider_number'] + keys) | join(',\n        ') }}
) as latest
    on accepted.version = latest.version
{% endmacro %}
