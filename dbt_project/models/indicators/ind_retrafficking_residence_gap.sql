{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('retrafficked', spec.get('competing', [])) -%}
with exits as (
    {{ followed_exits() }}
),

-- The status in the month before the exit: the last one granted or ended by then, else that at first contact.
grouped as (
    select
        exits.*,
        case
            when exits.residence = 'citizen' then 'secure'
            else
                case {{ state_at(
                    'milestones.secure_status_changes',
                    'exits.origin_month - 1',
                    "case
                        when exits.residence in ('permanent', 'long_term') then 'yes'
                        when exits.residence <> 'unknown' then 'no'
                    end",
                ) }}
                    when 'yes' then 'secure'
                    when 'no' then 'not_secure'
                    else 'unknown'
                end
        end as group_name
    from exits
    inner join {{ ref('fct_person_milestones') }} as milestones on exits.person_id = milestones.person_id
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
        ['secure', 'not_secure'],
    ) }}
)

{{ indicator_rows('estimates', spec) }}
