{%- set spec = ind_spec() -%}
{%- set competing = spec.get('competing', []) -%}
{%- set measures = bounded_incidence('charged', competing) + [
    {'measure': 'discontinued', 'axis': 'discontinued', 'events': ['discontinued'], 'competing': competing},
] -%}
-- Charges are register events: nobody is lost but by a charge that may or may not be linked to the exploitation.
with followed as {{ inlined() }} (
    select
        outcomes.*,
        outcomes.contact_month as origin_month,
        -1 as entry,
        true as is_lost,
        outcomes.unspecified_charge_month as unobserved_month
    from {{ ref('fct_contact_outcomes') }} as outcomes
),

members as {{ inlined() }} (
    {{ first_ends(
        'followed',
        {
            'observed': ['charged', 'unobserved', 'died', 'cutoff'],
            'lost_none': ['charged', 'died', 'cutoff'],
            'lost_all': ['charged', 'unobserved', 'died', 'cutoff'],
            'discontinued': ['discontinued', 'died', 'cutoff'],
        },
        measures,
        person_columns(),
    ) }}
),

incidences as (
    {{ method_aj('members', spec, measures) }}
),

estimates as (
    {{ without_the_event('incidences', ['value', 'unknown_low', 'unknown_high']) }}
)

{{ indicator_rows('estimates', spec) }}
