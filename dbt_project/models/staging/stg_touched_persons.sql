{{ config(materialized='table') }}
{#- Named outside the condition, so that dbt sees them whichever way it goes. -#}
{%- set providers = ref('stg_observing_providers') -%}
{%- set persons = accepted_rows('persons') -%}
{%- set episodes = accepted_rows('support_episodes') -%}
{%- if is_update() %}
-- A provider that observes more months than before touches everybody it knows.
with providers as (
    select
        country,
        provider_key,
        region,
        observed_from_month,
        observed_to_month
    from {{ providers }}

    except

    select
        country,
        provider_key,
        region,
        observed_from_month,
        observed_to_month
    from {{ source('landing', 'providers_before') }}
)

select {{ person_id('country', 'person_key') }} as person_id
from {{ source('landing', 'changed_persons') }}

union

select {{ person_id('persons.country', 'persons.person_key') }} as person_id
from ({{ persons }}) as persons
inner join providers
    on
        persons.country = providers.country
        and persons.provider_key = providers.provider_key

union

-- An episode that is now said to be another person's is no longer this one's.
select {{ person_id('episodes.country', 'episodes.person_key') }} as person_id
from ({{ episodes }}) as episodes
inner join {{ source('landing', 'changed_support_episodes') }} as changed
    on
        episodes.country = changed.country
        and episodes.provider_key = changed.provider_key
        and episodes.episode_key = changed.episode_key
{%- else %}
select cast(null as bigint) as person_id
where false
{%- endif %}
