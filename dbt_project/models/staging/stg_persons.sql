{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched() }}",
) }}
{%- set person = person_id('country', 'person_key') -%}
{%- set touched = is_touched(person) %}
-- A person's key stays in the landing area: the warehouse knows a number.

select
    country,
    provider_key,
    person_id,
    {{ month_number('first_contact_month') }} as first_contact_month,
    sex,
    age_band,
    citizenship_region as citizenship,
    {{ one_or_several('exploitation_form') }} as form,
    unaccompanied_or_separated_child,
    separated_from_family,
    residence_at_first_contact as residence,
    in_work_at_start,
    stable_housing_at_start,
    linkage_refused
from (
    {{ latest_rows(
        'persons',
        ['person_id'],
        derived={'person_id': person},
        among=touched if is_incremental(),
    ) }}
) as latest
