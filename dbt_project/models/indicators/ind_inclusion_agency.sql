{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'decides_own_life'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
