{%- set spec = ind_spec() -%}
with closed as (
    select
        country,
        closed_month,
        changed
    from {{ ref('stg_review_items') }}
    where closed_month is not null
),

members as (
    select
        country,
        closed_month as flow_month,
        'value' as measure,
        case changed when 'unknown' then 'unknown' when 'nothing' then 'no' else 'yes' end as answer
    from closed
    {%- for measure in ['indicator', 'policy'] %}

    union all

    select
        country,
        closed_month as flow_month,
        '{{ measure }}' as measure,
        case changed when 'unknown' then 'unknown' when '{{ measure }}' then 'yes' else 'no' end as answer
    from closed
    {%- endfor %}
),

estimates as (
    {{ method_p('members', spec) }}
),

shown as (
    {{ rows_or_marks('estimates', spec) }}
)

{{ indicator_rows('shown', spec) }}
