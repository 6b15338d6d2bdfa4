{%- set spec = ind_spec() -%}
{%- set verdicts = ['endorsed', 'endorsed_with_note', 'objected', 'withheld'] -%}
-- A verdict given at a yearly review is in force until the next: the release prints it, and only that counts here.
with members as (
    select
        country,
        release_month as flow_month,
        'value' as measure,
        case when verdict = 'not_reviewed' then 'no' else 'yes' end as answer
    from {{ ref('stg_review_verdicts') }}
    {%- for verdict in verdicts %}

    union all

    select
        country,
        release_month as flow_month,
        '{{ verdict }}' as measure,
        case when verdict = '{{ verdict }}' then 'yes' else 'no' end as answer
    from {{ ref('stg_review_verdicts') }}
    {%- endfor %}
),

estimates as (
    {{ method_p('members', spec) }}
),

shown as (
    {{ rows_or_marks('estimates', spec) }}
)

{{ indicator_rows('shown', spec) }}
