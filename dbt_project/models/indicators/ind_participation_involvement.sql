{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'took_part'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
