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
with members as {{ inlined() }} (
    select
        country,
        contact_month as origin_month,
        -1 as entry,
        {{ clock_end(
            'least(claimed_month, died_month, cutoff_month) - contact_month',
            "case least(claimed_month, died_month, cutoff_month)
                when claimed_month then 'channel_' || claim_channel
                when died_month then 'died'
            end",
            'false',
            measures,
        ) }} as claim_end,
        {{ person_columns() | join(',\n        ') }}
    from {{ ref('fct_contact_outcomes') }}
),

estimates as (
    {{ method_aj('members', spec, measures) }}
)

{{ indicator_rows('estimates', spec) }}
