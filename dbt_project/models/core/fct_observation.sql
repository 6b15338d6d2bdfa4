{%- set lapse = 6 -%}
{#-
    Known from registers whether or not anybody is in touch with the person, so they prove no contact. A death or a
    removal isn't among them: whoever was seen within the last six months before it was under observation until it.
-#}
{%- set register_events = [
    'identified',
    'residence_granted',
    'residence_refused',
    'residence_ended',
    'appeal_filed',
    'appeal_decided',
    'remedy_claimed',
    'remedy_decided',
    'remedy_paid',
    'remedy_form',
    'charged',
    'charge_discontinued',
    'detained',
] -%}

-- Months in which somebody could have seen the person: what any of the person's providers observes.
with provider_months as (
    select
        persons.person_id,
        persons.country,
        providers.observed_from_month,
        providers.observed_to_month
    from {{ of_touched(ref('stg_persons')) }} as persons
    inner join {{ ref('dim_provider') }} as providers
        on
            persons.country = providers.country
            and persons.provider_key = providers.provider_key
),

spans as (
    select
        person_id,
        min(country) as country,
        min(observed_from_month) as first_month,
        max(observed_to_month) as last_month,
        max(observed_from_month) <= min(observed_to_month) + 1 as all_meet
    from provider_months
    group by person_id
),

-- Only where a provider began after another had stopped can there be several spells.
apart as (
    select provider_months.*
    from provider_months
    inner join spans on provider_months.person_id = spans.person_id
    where not spans.all_meet
),

numbered as (
    {{ number_spells('apart', 'observed_from_month', 'observed_to_month', gap=1) }}
),

observable as (
    select
        person_id,
        country,
        first_month,
        last_month,
        true as is_only
    from spans
    where all_meet

    union all

    select
        person_id,
        min(country) as country,
        min(observed_from_month) as first_month,
        max(observed_to_month) as last_month,
        false as is_only
    from numbered
    group by
        person_id,
        spell_number
),

contacts as {{ inlined() }} (
    select
        person_id,
        event_month as contact_month
    from {{ of_touched(ref('fct_case_events')) }}
    where event_type not in ({{ quoted(register_events) }})

    union all

    select
        person_id,
        start_month as contact_month
    from {{ of_touched(ref('fct_support_episodes')) }}

    union all

    select
        person_id,
        end_month as contact_month
    from {{ of_touched(ref('fct_support_episodes')) }}
    where end_month is not null

    union all

    select
        person_id,
        first_contact_month as contact_month
    from {{ of_touched(ref('stg_persons')) }}
),

runs as (
    {{ runs_of_months('contacts', 'contact_month', gap=lapse) }}
),

-- Silence up to the cut-off is a lapse only once it has lasted longer than any gap may.
contact as (
    select
        runs.person_id,
        observable.country,
        vintage.cutoff_month,
        runs.first_month,
        case
            when vintage.cutoff_month - runs.last_month <= {{ lapse }} then vintage.cutoff_month
            else runs.last_month
        end as last_month,
        observable.first_month as first_observable_month,
        observable.last_month as last_observable_month,
        runs.is_only and observable.is_only as is_only
    from runs
    inner join observable on runs.person_id = observable.person_id
    inner join {{ ref('dim_vintage') }} as vintage on observable.country = vintage.country
),

spells as (
    select
        person_id,
        country,
        greatest(first_month, first_observable_month) as observed_from_month,
        least(last_month, last_observable_month) as observed_to_month,
        case
            when least(last_month, last_observable_month) = cutoff_month then 'cutoff'
            when last_observable_month < last_month then 'stop'
            else 'lapse'
        end as ended_by,
        is_only
    from contact
    where
        first_month <= last_observable_month
        and last_month >= first_observable_month
)

select
    person_id,
    country,
    observed_from_month,
    observed_to_month,
    0 as previous_to_month,
    ended_by
from spells
where is_only

union all

select
    person_id,
    country,
    observed_from_month,
    observed_to_month,
    coalesce(
        max(observed_to_month) over (
            partition by person_id
            order by observed_from_month
            rows between unbounded preceding and 1 preceding
        ),
        0
    ) as previous_to_month,
    ended_by
from spells
where not is_only
