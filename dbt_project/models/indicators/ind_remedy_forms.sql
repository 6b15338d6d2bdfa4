{%- set spec = ind_spec() -%}
{%- set forms = ['compensation', 'restitution', 'rehabilitation', 'satisfaction', 'guarantee_of_non_repetition'] -%}
{%- set measures = [] -%}
{%- for form in forms -%}
{%- for outcome in ['ordered', 'obtained'] -%}
{%- do measures.append((form ~ '_' ~ outcome, form, outcome)) -%}
{%- endfor -%}
{%- endfor -%}
{#- 2 where a form was recorded, 1 where it may have been (form or outcome not known), 0 where neither. -#}
with grants as (
    select
        claims.country,
        claims.person_id,
        claims.claim_id,
        claims.awarded_month,
        {%- for measure, form, outcome in measures %}
        max(case
            when forms.subject = '{{ form }}' and forms.outcome = '{{ outcome }}' then 2
            when forms.subject in ('{{ form }}', 'unknown') and forms.outcome in ('{{ outcome }}', 'unknown') then 1
            else 0
        end) as {{ measure }},
        {%- endfor %}
        {{ person_attributes('claims') }}
    from {{ ref('fct_remedy_claims') }} as claims
    left join {{ ref('fct_case_facts') }} as forms
        on
            claims.person_id = forms.person_id
            and claims.claim_id = forms.claim_id
            and forms.event_type = 'remedy_form'
            and forms.event_month <= claims.awarded_month + 12
    where claims.awarded_month is not null
    group by
        claims.country,
        claims.person_id,
        claims.claim_id,
        claims.awarded_month,
        {{ person_attributes('claims') }}
),

-- A person granted several claims in a period is one person of it, who has a form if any of the claims brought it.
-- A form has twelve months to come, so that a period is shown once they are over.
persons as (
    select
        grants.country,
        periods.period,
        periods.dimensions,
        grants.person_id,
        {%- for measure, form, outcome in measures %}
        max(grants.{{ measure }}) as {{ measure }},
        {%- endfor %}
        {{ person_attributes('grants') }}
    from grants
    inner join {{ ref('dim_period') }} as periods
        on
            grants.country = periods.country
            and grants.awarded_month between periods.first_month and periods.last_month
            and periods.last_month + 12 <= periods.cutoff_month
    group by
        grants.country,
        periods.period,
        periods.dimensions,
        grants.person_id,
        {{ person_attributes('grants') }}
),

answers as (
    select
        persons.country,
        persons.period,
        persons.dimensions,
        measures.measure,
        case measures.measure
            {%- for measure, form, outcome in measures %}
            when '{{ measure }}' then persons.{{ measure }}
            {%- endfor %}
        end as answer,
        {{ person_attributes('persons') }}
    from persons
    cross join (
        values
        {%- for measure, form, outcome in measures %}
        ('{{ measure }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as measures (measure)
),

counts as (
    {{ group_by_breakdowns(
        'answers',
        ['country', 'period', 'dimensions', 'measure'],
        [
            'sum(case when answer = 2 then 1 else 0 end) as yes',
            'sum(case when answer = 0 then 1 else 0 end) as no',
            'sum(case when answer = 1 then 1 else 0 end) as unknown',
        ],
        spec.get('breakdowns', []),
    ) }}
),

placed as (
    select
        *,
        '' as cohort,
        null as horizon_months
    from counts
    where
        {{ is_shown('dimensions', 'breakdown') }}
),

estimates as (
    {{ proportion_rows('placed', spec, 'P') }}
)

{{ indicator_rows('estimates', spec) }}
