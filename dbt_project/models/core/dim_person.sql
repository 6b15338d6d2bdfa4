{%- set attributes = [
    'sex',
    'age_band',
    'form',
    'citizenship',
    'residence',
    'region',
    'unaccompanied_or_separated_child',
    'separated_from_family',
    'in_work_at_start',
    'stable_housing_at_start',
] -%}

with persons as (
    select
        persons.*,
        providers.region
    from {{ ref('stg_persons') }} as persons
    inner join {{ ref('dim_provider') }} as providers
        on
            persons.country = providers.country
            and persons.provider_key = providers.provider_key
)

select
    country,
    person_key,
    min(first_contact_month) as first_contact_month,
    {%- for attribute in attributes %}
    {{ value_at(attribute, 'first_contact_month') }} as {{ attribute }},
    {%- endfor %}
    cast(count(*) as integer) as providers,
    {%- for attribute in attributes %}
    {{ '+ ' if not loop.first }}{{ conflict_at(attribute, 'first_contact_month') }}
    {%- endfor %} as conflicts
from persons
group by
    country,
    person_key
