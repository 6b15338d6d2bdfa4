{%- set spec = ind_spec() -%}
with members as (
    {{ recovered_by_inspections('wages_owed', 'wages_paid') }}
),

estimates as (
    {{ method_r_flow('members', spec, closed_after=12) }}
)

{{ indicator_rows('estimates', spec) }}
