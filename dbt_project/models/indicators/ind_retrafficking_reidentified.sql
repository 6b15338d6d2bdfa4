{%- set spec = ind_spec() -%}
{%- set measures = bounded_incidence('reidentified', spec.get('competing', []), ['unspecified']) -%}
with exits as (
    {{ followed_exits() }}
),

-- Registers see an identification whatever the contact, so nobody is lost. The upper bound counts one of unknown kind.
identified as (
    select
        exits.country,
        exits.person_id,
        exits.repeats,
        exits.origin_month,
        exits.cutoff_month,
        exits.died_month,
        -1 as entry,
        false as is_lost,
        {{ first_month_since('milestones.formal_identification_months', 'exits.origin_month + 1') }}
            as reidentified_month,
        {{ first_month_since('milestones.unspecified_identification_months', 'exits.origin_month + 1') }}
            as unspecified_month,
        {{ person_attributes('exits') }}
    from exits
    inner join {{ ref('fct_person_milestones') }} as milestones on exits.person_id = milestones.person_id
),

members as {{ inlined() }} (
    {{ first_ends(
        'identified',
        {
            'observed': ['reidentified', 'died', 'cutoff'],
            'lost_none': ['reidentified', 'died', 'cutoff'],
            'lost_all': ['reidentified', 'unspecified', 'died', 'cutoff'],
        },
        measures,
        ['person_id', 'repeats'] + person_columns(),
    ) }}
),

estimates as (
    {{ method_aj('members', spec, measures, clustered=true) }}
)

{{ indicator_rows('estimates', spec) }}
