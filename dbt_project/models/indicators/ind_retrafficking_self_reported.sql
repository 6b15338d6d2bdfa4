{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'exploited_again'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
