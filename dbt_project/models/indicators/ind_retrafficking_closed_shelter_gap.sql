{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) -%}
with exits as (
    {{ followed_exits() }}
),

-- A closed place counts whenever it was before the exit; where none was recorded, the exit is in the other group.
grouped as (
    select
        *,
        case
            when closed_accommodation_month <= origin_month then 'closed'
            else 'not_closed'
        end as group_name
    from exits
),

members as {{ inlined() }} (
    {{ first_ends(
        'grouped',
        retrafficking_axes(),
        measures,
        ['person_id', 'repeats', 'group_name', 'age_band', 'sex', 'form'],
    ) }}
),

estimates as (
    {{ method_d_aj(
        'members',
        spec,
        measures,
        ['closed', 'not_closed'],
    ) }}
)

{{ indicator_rows('estimates', spec) }}
