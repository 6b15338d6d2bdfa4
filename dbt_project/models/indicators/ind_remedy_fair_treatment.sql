{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'treated_with_respect'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
