{%- set spec = ind_spec() -%}
-- Whoever turns 18 is a child until the month before; whoever dies is in contact until then.
with spells as (
    select
        observation.country,
        observation.person_id,
        observation.observed_from_month as first_month,
        least(
            observation.observed_to_month,
            coalesce(milestones.turned_18_month - 1, observation.observed_to_month),
            coalesce(milestones.died_month, observation.observed_to_month)
        ) as last_month,
        milestones.turned_18_month,
        {{ person_attributes('persons') }}
    from {{ ref('fct_observation') }} as observation
    inner join {{ ref('dim_person') }} as persons on observation.person_id = persons.person_id
    inner join {{ ref('fct_person_milestones') }} as milestones on observation.person_id = milestones.person_id
    where persons.age_band in ('0-8', '9-17')
),

contacts as (
    select
        *,
        lead(first_month) over (partition by person_id order by first_month) as next_month
    from spells
    where first_month <= last_month
),

-- Persons in contact in a period are its spells less its pairs of neighbours: of several spells that a period holds,
-- one remains. A pair is in the period if its first reaches it and its second begins by its end.
presences as (
    select
        contacts.country,
        contacts.first_month,
        contacts.last_month,
        1 as children,
        {{ person_attributes('contacts') }}
    from contacts

    union all

    select
        contacts.country,
        contacts.next_month as first_month,
        contacts.last_month,
        -1 as children,
        {{ person_attributes('contacts') }}
    from contacts
    where contacts.next_month is not null
),

presence_counts as (
    {{ group_by_breakdowns(
        'presences',
        ['country', 'first_month', 'last_month'],
        ['sum(children) as children'],
        spec.get('breakdowns', []),
    ) }}
),

-- Few children are detained: each is looked for among the spells of contact of the period.
detained as (
    select
        contacts.country,
        periods.period,
        periods.dimensions,
        contacts.person_id,
        max(case when events.ground = 'immigration' then 1 else 0 end) as is_for_immigration,
        {{ person_attributes('contacts') }}
    from {{ ref('fct_case_facts') }} as events
    inner join contacts
        on
            events.person_id = contacts.person_id
            and events.event_month < coalesce(contacts.turned_18_month, events.event_month + 1)
    inner join {{ ref('dim_period') }} as periods
        on
            contacts.country = periods.country
            and events.event_month between periods.first_month and periods.last_month
            and contacts.first_month <= periods.last_month
            and contacts.last_month >= periods.first_month
    where
        events.event_type = 'detained'
        and events.ground in ('immigration', 'unknown')
    group by
        contacts.country,
        periods.period,
        periods.dimensions,
        contacts.person_id,
        {{ person_attributes('contacts') }}
),

detention_counts as (
    {{ group_by_breakdowns(
        'detained',
        ['country', 'period', 'dimensions'],
        ['sum(is_for_immigration) as yes', 'sum(1 - is_for_immigration) as unknown'],
        spec.get('breakdowns', []),
    ) }}
),

counts as (
    select
        presence_counts.country,
        periods.period,
        periods.dimensions,
        presence_counts.breakdown,
        presence_counts.category,
        presence_counts.children,
        0 as yes,
        0 as unknown
    from presence_counts
    inner join {{ ref('dim_period') }} as periods
        on
            presence_counts.country = periods.country
            and presence_counts.first_month <= periods.last_month
            and presence_counts.last_month >= periods.first_month

    union all

    select
        country,
        period,
        dimensions,
        breakdown,
        category,
        0 as children,
        yes,
        unknown
    from detention_counts
),

placed as (
    select
        country,
        period,
        '' as cohort,
        'value' as measure,
        null as horizon_months,
        breakdown,
        category,
        sum(yes) as yes,
        sum(children) - sum(yes) - sum(unknown) as no,
        sum(unknown) as unknown
    from counts
    where
        {{ is_shown('dimensions', 'breakdown') }}
    group by
        country,
        period,
        breakdown,
        category
    having sum(children) > 0
),

estimates as (
    {{ proportion_rows('placed', spec, 'P') }}
)

{{ indicator_rows('estimates', spec) }}
