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
    {{ as_code('sex') }} as sex,
    {{ as_code('age_band') }} as age_band,
    {{ as_code('citizenship_region') }} as citizenship,
    {{ as_code(one_or_several('exploitation_form')) }} as form,
    {{ as_code('unaccompanied_or_separated_child') }} as unaccompanied_or_separated_child,
    {{ as_code('separated_from_family') }} as separated_from_family,
    {{ as_code('residence_at_first_contact') }} as residence,
    {{ as_code('in_work_at_start') }} as in_work_at_start,
    {{ as_code('stable_housing_at_start') }} as stable_housing_at_start,
    {{ as_code('linkage_refused') }} as linkage_refused
from (
    {{ latest_rows(
        'persons',
        ['person_id'],
        derived={'person_id': person},
        among=touched if is_incremental(),
    ) }}
) as latest
