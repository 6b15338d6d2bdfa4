{#-
    The currency in which a country's amounts are added: the one that most rows of `relation` bear; of two as
    common, the first by the alphabet. Nothing is converted: an exchange rate would be somebody's choice.
-#}
{% macro most_common_currency(relation) %}
select
    country,
    currency
from (
    select
        country,
        currency,
        row_number() over (
            partition by country
            order by count(*) desc, currency
        ) as place
    from {{ relation }}
    where currency is not null
    group by
        country,
        currency
) as ranked
where place = 1
{% endmacro %}
