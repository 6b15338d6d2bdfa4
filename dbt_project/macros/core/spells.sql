{#-
    Spells of months. Two spells of a person are one when the later begins at most `gap` months after every
    earlier one has ended.
-#}

{#-
    The rows of `relation` with spell_number: 1 for a person's first joined spell, 2 for the next. Rows of the same months
    come in any order, so the sum is over all of them at once (range).
-#}
{% macro number_spells(relation, first_month, last_month, gap) %}
select
    *,
    sum(case when {{ first_month }} <= reach + {{ gap }} then 0 else 1 end) over (
        partition by person_id
        order by {{ first_month }}, {{ last_month }}
        range between unbounded preceding and current row
    ) as spell_number
from (
    select
        *,
        max({{ last_month }}) over (
            partition by person_id
            order by {{ first_month }}, {{ last_month }}
            rows between unbounded preceding and 1 preceding
        ) as reach
    from {{ relation }}
) as reached
{% endmacro %}


{#-
    The months of the rows that meet `condition`, in rising order, as one array: an aggregate that scans events once,
    without a sort of them. Null where no row does.
-#}
{% macro rising_months(month, condition='true') %}
    {{ return(adapter.dispatch('rising_months')(month, condition)) }}
{% endmacro %}

{% macro default__rising_months(month, condition) -%}
    list_sort(list({{ month }}) filter (where {{ condition }}))
{%- endmacro %}


{#- One such array a person, from the rows of `relation` that are of these `events`. -#}
{% macro arrays_by_person(relation, events, months) %}
select
    person_id,
    {{ months }} as months
from {{ relation }}
where event_type in ({{ quoted(events) }})
group by person_id
{% endmacro %}


{#- The first of `months` (array, rising) that is `since` or later; null if none. -#}
{% macro first_month_since(months, since) %}
    {{ return(adapter.dispatch('first_month_since')(months, since)) }}
{% endmacro %}

{% macro default__first_month_since(months, since) -%}
    list_filter({{ months }}, lambda m: m >= {{ since }})[1]
{%- endmacro %}


{#-
    One row a person and run of months whose neighbours are at most `gap` (up to 7) apart, with the columns person_id,
    first_month, last_month and is_only (where true, the person has no other run). `relation` has one row a person and
    month, in any order, with repeats.
-#}
{% macro runs_of_months(relation, month, gap) %}
    {{ return(adapter.dispatch('runs_of_months')(relation, month, gap)) }}
{% endmacro %}

{#-
    A person's months of a decade are the 120 low bits of one integer, which costs far less than a list: a bit ends a
    run where none of the next `gap` bits is set. Runs are then joined over the turn of decades.
-#}
{% macro default__runs_of_months(relation, month, gap) %}
with decades as (
    select
        person_id,
        {{ month }} // 120 as decade,
        bit_or(cast(1 as hugeint) << ({{ month }} % 120)) as months
    from {{ relation }}
    group by
        person_id,
        {{ month }} // 120
),

ends as (
    select
        *,
        {{ _bits_without_neighbours('months', '<<', gap) }} as starting_bits,
        {{ _bits_without_neighbours('months', '>>', gap) }} as ending_bits
    from decades
),

-- Most people have one run: the places of its only start and its only end are the bits below them, counted.
runs as (
    select
        person_id,
        cast(120 * decade + bit_count(starting_bits - 1) as integer) as first_month,
        cast(120 * decade + bit_count(ending_bits - 1) as integer) as last_month
    from ends
    where bit_count(ending_bits) = 1

    union all

    select
        person_id,
        cast(120 * decade + unnest({{ _places_of_bits('starting_bits') }}) as integer) as first_month,
        cast(120 * decade + unnest({{ _places_of_bits('ending_bits') }}) as integer) as last_month
    from ends
    where bit_count(ending_bits) > 1
),

parted as (
    select person_id
    from runs
    group by person_id
    having count(*) > 1
),

parts as (
    select *
    from runs
    where person_id in (select parted.person_id from parted)
),

numbered as (
    {{ number_spells('parts', 'first_month', 'last_month', gap) }}
)

select
    person_id,
    first_month,
    last_month,
    true as is_only
from runs
where person_id not in (select parted.person_id from parted)

union all

select
    person_id,
    min(first_month) as first_month,
    max(last_month) as last_month,
    false as is_only
from numbered
group by
    person_id,
    spell_number
{% endmacro %}

{#- The bits that have no other bit up to `gap` places below (<<) or above (>>) them. -#}
{%- macro _bits_without_neighbours(bits, shift, gap) -%}
    ({{ bits }} & ~(
        {%- for places in range(1, gap + 1) -%}
        {{ ' | ' if not loop.first }}({{ bits }} {{ shift }} {{ places }})
        {%- endfor -%}
    ))
{%- endmacro %}

{%- macro _places_of_bits(bits) -%}
    list_filter(range(0, 120), lambda place: ({{ bits }} >> place) & 1 = 1)
{%- endmacro %}
