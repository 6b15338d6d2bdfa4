{%- set spec = ind_spec() -%}
{#- The measure of all first claims and one for each channel, for which a claim by another channel competes. -#}
{%- set channels = spec.get('measures', {'value': ''}) | reject('equalto', 'value') | list -%}
{%- set measures = [{'measure': 'value', 'axis': 'claim', 'events': channels, 'competing': ['died']}] -%}
{%- for channel in channels -%}
{%- do measures.append({
    'measure': channel,
    'axis': 'claim',
    'events': [channel],
    'competing': ['died'] + channels | reject('equalto', channel) | list,
}) -%}
{%- endfor -%}
-- Claims are register events: they are seen to the cut-off, whatever the contact.
with followed as {{ inlined() }} (
    select
        outcomes.*,
        outcomes.contact_month as origin_month,
        -1 as entry,
        false as is_lost
    from {{ ref('fct_contact_outcomes') }} as outcomes
),

ended as {{ inlined() }} (
    {{ first_ends('followed', {'claim': ['claimed', 'died', 'cutoff']}, person_columns() + ['claim_channel']) }}
),

members as {{ inlined() }} (
    select
        ended.country,
        ended.origin_month,
        ended.axis,
        ended.entry,
        ended.duration,
        ended.lost,
        {{ person_attributes('ended') }},
        case when ended.cause = 'claimed' then 'channel_' || ended.claim_channel else ended.cause end as cause
    from ended
),

estimates as (
    {{ method_aj('members', spec, measures) }}
)

{{ indicator_rows('estimates', spec) }}
