{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'free_from_fear'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
