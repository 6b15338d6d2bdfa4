{#-
    Members of method_aj from months: which of several ends came first on each time axis.

    `relation`: one row a member with country, origin_month, entry, is_lost (observation ended although the calendar
    did not) and, for each end named, the column `<end>_month`. `axes`: {axis: [ends]}; of two ends in one month the
    one named first wins. Two ends are no events: `unobserved` (contact is lost, or observation stops) and `cutoff`.
    `measures`: those of method_aj. `carried`: further columns to keep (person_id, breakdowns …).

    Whoever ends unobserved and lost has the cause `lost`, which censors unless a measure counts it. The axis
    lost_all is for the bound that does: there nobody counts as unknown.
-#}
{% macro first_ends(relation, axes, measures, carried) %}
select
    country,
    origin_month,
    entry,
    {{ carried | join(',\n    ') }}
    {%- for axis, ends in axes.items() -%},
    {%- set first = 'least(' ~ ends | join('_month, ') ~ '_month)' %}
    {{ _end_after(first ~ ' - origin_month', measures) }} + case {{ first }}
        {%- for end in ends %}
        when {{ end }}_month then {{ _how(end, axis, measures) }}
        {%- endfor %}
    end as {{ axis }}_end
    {%- endfor %}
from {{ relation }}
{% endmacro %}


{%- macro _how(end, axis, measures) -%}
    {%- if end == 'unobserved' -%}
        case when is_lost then {{ 2 * cause_number('lost', measures) + (0 if axis == 'lost_all' else 1) }} else 0 end
    {%- elif end == 'cutoff' -%}
        0
    {%- else -%}
        {{ 2 * cause_number(end, measures) }}
    {%- endif -%}
{%- endmacro -%}


{#-
    When and how a member's clock ends, as one number, so that millions of members are grouped by integers:
        (months + 1) · base + 2 · number of the cause + 1 where observation ended although the calendar did not,
    with months below -1 as -1 (nobody is seen before), 0 for a cause that no measure names (it censors), and a base
    that holds every cause of `measures`. `cause` is an expression for its text, `lost` a condition.
-#}
{% macro clock_end(months, cause, lost, measures) -%}
    {{ _end_after(months, measures) }} + case {{ cause }}
        {%- for name in _causes(measures) %}
        when '{{ name }}' then {{ 2 * cause_number(name, measures) }}
        {%- endfor %}
        else 0
    end + case when {{ lost }} then 1 else 0 end
{%- endmacro %}


{#- Months from the origin to such an end. -#}
{% macro months_to(end, measures) -%}
    cast({{ whole_quotient(end, _end_base(measures)) }} as integer) - 1
{%- endmacro %}


{#- Whether observation ended there although the calendar did not. -#}
{% macro lost_at(end) -%}
    {{ end }} % 2 = 1
{%- endmacro %}


{#- The number of the cause of an end; 0 censors. -#}
{% macro cause_at(end, measures) -%}
    {{ whole_quotient(end ~ ' % ' ~ _end_base(measures), 2) }}
{%- endmacro %}


{#- What cause_at gives for a cause. -#}
{% macro cause_number(cause, measures) %}
    {%- set causes = _causes(measures) -%}
    {{ return(causes.index(cause) + 1 if cause in causes else 0) }}
{% endmacro %}


{#- A case, since greatest and least take several times as long a row. -#}
{%- macro _end_after(months, measures) -%}
    {{ _end_base(measures) }} * case when {{ months }} >= 0 then {{ months }} + 1 else 0 end
{%- endmacro -%}


{%- macro _end_base(measures) -%}
    {{ return(2 * (_causes(measures) | length + 1)) }}
{%- endmacro -%}


{%- macro _causes(measures) -%}
    {%- set causes = [] -%}
    {%- for item in measures -%}
        {%- for cause in item.events + item.get('competing', []) if cause not in causes -%}
            {%- do causes.append(cause) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(causes) }}
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
