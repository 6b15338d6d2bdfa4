{#-
    What the indicator's YAML says of it (config.meta): the one source of id, horizons, breakdowns, unit. Empty
    while dbt parses; unit tests override this macro, because there `model` is the test.
-#}
{% macro ind_spec() %}
    {{ return(model.config.meta) }}
{% endmacro %}
