{%- set attributes = [
    'sex',
    'age_band',
    'form',
    'citizenship',
    'residence',
    'unaccompanied_or_separated_child',
    'separated_from_family',
    'in_work_at_start',
    'stable_housing_at_start',
] -%}
{%- set persons_with_region %}
from {{ of_touched(ref('stg_persons')) }} as persons
inner join {{ ref('dim_provider') }} as providers
    on
        persons.country = providers.country
        and persons.provider_key = providers.provider_key
{%- endset -%}

-- Most people are known to one provider only: for them there is nothing to resolve.
with shared as (
    select person_id
    from {{ of_touched(ref('stg_persons')) }}
    group by person_id
    having count(*) > 1
)

select
    persons.person_id,
    persons.country,
    persons.first_contact_month,
    {%- for attribute in attributes %}
    coalesce({{ attribute }}, {{ as_code("'unknown'") }}) as {{ attribute }},
    {%- endfor %}
    providers.region,
    1 as providers,
    0 as conflicts
{{ persons_with_region }}
where persons.person_id not in (select shared.person_id from shared)

union all

select
    persons.person_id,
    min(persons.country) as country,
    min(persons.first_contact_month) as first_contact_month,
    {%- for attribute in attributes %}
    {{ as_code(value_at(attribute, 'first_contact_month')) }} as {{ attribute }},
    {%- endfor %}
    {{ value_at('providers.region', 'first_contact_month') }} as region,
    cast(count(*) as integer) as providers,
    {%- for attribute in attributes + ['providers.region'] %}
    {{ '+ ' if not loop.first }}{{ conflict_at(attribute, 'first_contact_month') }}
    {%- endfor %} as conflicts
{{ persons_with_region }}
where persons.person_id in (select shared.person_id from shared)
group by persons.person_id
