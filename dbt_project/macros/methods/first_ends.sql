{#-
    Members of method_aj from months: which of several ends came first, a row a member and axis.

    `relation`: one row a member with country, origin_month, entry, is_lost (observation ended although the calendar
    did not) and, for each end named, the column `<end>_month`. `axes`: {axis: [ends]}; of two ends in one month the
    one named first wins. Two ends are no events: `unobserved` (contact is lost, or observation stops) and `cutoff`.
    `carried`: further columns to keep (person_id, breakdowns …).

    Whoever ends unobserved and lost has the cause `lost`, which censors unless a measure counts it. The axis
    lost_all is for the bound that does: there nobody counts as unknown.
-#}
{% macro first_ends(relation, axes, carried) %}
select
    *,
    cause = 'lost' and axis <> 'lost_all' as lost
from (
    {%- for axis, ends in axes.items() %}
    {%- set first = 'least(' ~ ends | join('_month, ') ~ '_month)' %}
    select
        country,
        origin_month,
        entry,
        {{ carried | join(',\n        ') }},
        '{{ axis }}' as axis,
        {{ first }} - origin_month as duration,
        case {{ first }}
            {%- for end in ends %}
            when {{ end }}_month then {{ _cause(end) }}
            {%- endfor %}
        end as cause
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as ended
{% endmacro %}


{%- macro _cause(end) -%}
    {%- if end == 'unobserved' -%}
        case when is_lost then 'lost' else '' end
    {%- elif end == 'cutoff' -%}
        ''
    {%- else -%}
        '{{ end }}'
    {%- endif -%}
{%- endmacro -%}


{#-
    An incidence with its bounds for those lost: none of them, followed as far as registers see (`lost_none`), or each
    of them when lost (`lost_all`), meets the event. `possible`: further causes that only the upper bound counts.
-#}
{% macro bounded_incidence(event, competing, possible=[]) %}
{{ return([
    {'measure': 'value', 'axis': 'observed', 'events': [event], 'competing': competing},
    {'measure': 'unknown_low', 'axis': 'lost_none', 'events': [event], 'competing': competing},
    {'measure': 'unknown_high', 'axis': 'lost_all', 'events': [event, 'lost'] + possible, 'competing': competing},
]) }}
{% endmacro %}
