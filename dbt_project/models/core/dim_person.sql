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
),

-- Most people are known to one provider only: for them there is nothing to resolve.
shared as (
    select person_id
    from {{ ref('stg_persons') }}
    group by person_id
    having count(*) > 1
)

select
    person_id,
    country,
    person_key,
    first_contact_month,
    {%- for attribute in attributes %}
    coalesce({{ attribute }}, 'unknown') as {{ attribute }},
    {%- endfor %}
    1 as providers,
    0 as conflicts
from persons
where person_id not in (select person_id from shared)

union all

select
    person_id,
    min(country) as country,
    min(person_key) as person_key,
    min(first_contact_month) as first_contact_month,
    {%- for attribute in attributes %}
    {{ value_at(attribute, 'first_contact_month') }} as {{ attribute }},
    {%- endfor %}
    cast(count(*) as integer) as providers,
    {%- for attribute in attributes %}
    {{ '+ ' if not loop.first }}{{ conflict_at(attribute, 'first_contact_month') }}
    {%- endfor %} as conflicts
from persons
where person_id in (select person_id from shared)
group by person_id
