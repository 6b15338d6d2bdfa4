{%- set lapse = 6 -%}

-- Months in which somebody could have seen the person: what any of the person's providers observes.
with provider_months as (
    select distinct
        persons.country,
        persons.person_key,
        providers.observed_from_month,
        providers.observed_to_month
    from {{ ref('stg_persons') }} as persons
    inner join {{ ref('dim_provider') }} as providers
        on
            persons.country = providers.country
            and persons.provider_key = providers.provider_key
),

numbered as (
    {{ number_spells('provider_months', 'observed_from_month', 'observed_to_month', gap=1) }}
),

observable as (
    select
        country,
        person_key,
        min(observed_from_month) as first_month,
        max(observed_to_month) as last_month
    from numbered
    group by
        country,
        person_key,
        spell_number
),

milestones as (
    select * from {{ ref('fct_person_milestones') }}
),

runs as (
    {{ runs_of_months('milestones', 'contact_months', gap=lapse) }}
),

-- Silence up to the cut-off is a lapse only once it has lasted longer than any gap may.
contact as (
    select
        runs.country,
        runs.person_key,
        runs.first_month,
        vintage.cutoff_month,
        case
            when vintage.cutoff_month - runs.last_month <= {{ lapse }} then vintage.cutoff_month
            else runs.last_month
        end as last_month
    from runs
    inner join {{ ref('dim_vintage') }} as vintage on runs.country = vintage.country
)

select
    contact.country,
    contact.person_key,
    greatest(contact.first_month, observable.first_month) as observed_from_month,
    least(contact.last_month, observable.last_month) as observed_to_month,
    case
        when least(contact.last_month, observable.last_month) = contact.cutoff_month then 'cutoff'
        when observable.last_month < contact.last_month then 'stop'
        else 'lapse'
    end as ended_by
from contact
inner join observable
    on
        contact.country = observable.country
        and contact.person_key = observable.person_key
        and contact.first_month <= observable.last_month
        and contact.last_month >= observable.first_month
