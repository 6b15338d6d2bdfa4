{%- set spec = ind_spec() -%}
with members as (
    {{ recovered_by_inspections('recruitment_fees_found', 'recruitment_fees_reimbursed') }}
),

estimates as (
    {{ method_r_flow('members', spec, closed_after=12) }}
)

{{ indicator_rows('estimates', spec) }}
