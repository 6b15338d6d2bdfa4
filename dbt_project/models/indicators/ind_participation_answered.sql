{%- set spec = ind_spec() -%}
with members as (
    select
        country,
        due_month as flow_month,
        'value' as measure,
        on_time as answer
    from {{ ref('stg_review_items') }}
),

estimates as (
    {{ method_p('members', spec) }}
),

shown as (
    {{ rows_or_marks('estimates', spec) }}
)

{{ indicator_rows('shown', spec) }}
