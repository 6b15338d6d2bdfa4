{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'no_stigma'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
