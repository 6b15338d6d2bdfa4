{%- set spec = ind_spec() -%}
with estimates as (
    {{ method_w({'value': 'firewall_trusted'}, spec) }}
)

{{ indicator_rows('estimates', spec) }}
