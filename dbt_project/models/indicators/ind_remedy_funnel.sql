{%- set spec = ind_spec() -%}
{%- set steps = ['informed', 'free_aid', 'claimed', 'granted', 'paid_in_full'] -%}
{#- Each step among all, and among those who reached the step before: (measure, step, population). -#}
{%- set shares = [] -%}
{%- for step in steps -%}
{%- do shares.append((step, step, none)) -%}
{%- if not loop.first -%}
{%- do shares.append((step ~ '_of_' ~ loop.previtem, step, loop.previtem)) -%}
{%- endif -%}
{%- endfor -%}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

-- A decision proves its claim. What an unknown outcome or an award without amount leaves open stays open.
claims as (
    select
        person_id,
        min(coalesce(claimed_month, decided_month)) as claimed_month,
        min(awarded_month) as granted_month,
        min(case when outcome = 'unknown' then decided_month end) as unspecified_decision_month,
        min(fully_paid_month) as paid_in_full_month,
        min(case when awarded_amount is null then awarded_month end) as unspecified_award_month
    from {{ ref('fct_remedy_claims') }}
    group by person_id
),

reached as (
    select
        persons.country,
        {{ year_of('persons.first_contact_month') }} as cohort_year,
        horizons.horizon_months,
        persons.sex,
        persons.age_band,
        persons.form,
        persons.citizenship,
        persons.residence,
        persons.region,
        coalesce(milestones.informed_month <= persons.first_contact_month + horizons.horizon_months, false)
            as informed,
        coalesce(milestones.free_aid_month <= persons.first_contact_month + horizons.horizon_months, false)
            as free_aid,
        coalesce(milestones.unspecified_aid_month <= persons.first_contact_month + horizons.horizon_months, false)
            as unspecified_aid,
        coalesce(claims.claimed_month <= persons.first_contact_month + horizons.horizon_months, false) as claimed,
        coalesce(claims.granted_month <= persons.first_contact_month + horizons.horizon_months, false) as granted,
        coalesce(
            claims.unspecified_decision_month <= persons.first_contact_month + horizons.horizon_months, false
        ) as unspecified_decision,
        coalesce(claims.paid_in_full_month <= persons.first_contact_month + horizons.horizon_months, false)
            as paid_in_full,
        coalesce(claims.unspecified_award_month <= persons.first_contact_month + horizons.horizon_months, false)
            as unspecified_award
    from {{ ref('dim_person') }} as persons
    cross join horizons
    inner join {{ ref('fct_person_milestones') }} as milestones on persons.person_id = milestones.person_id
    left join claims
        on
            persons.person_id = claims.person_id
),

answered as (
    select
        country,
        cohort_year,
        horizon_months,
        sex,
        age_band,
        form,
        citizenship,
        residence,
        region,
        case when informed then 'yes' else 'no' end as informed,
        case when free_aid then 'yes' when unspecified_aid then 'unknown' else 'no' end as free_aid,
        case when claimed then 'yes' else 'no' end as claimed,
        case when granted then 'yes' when unspecified_decision then 'unknown' else 'no' end as granted,
        case
            when paid_in_full then 'yes'
            when unspecified_award or (unspecified_decision and not granted) then 'unknown'
            else 'no'
        end as paid_in_full
    from reached
),

patterns as (
    {{ group_by_breakdowns(
        'answered',
        ['country', 'cohort_year', 'horizon_months'] + steps,
        ['count(*) as members'],
        spec.get('breakdowns', []),
    ) }}
),

counts as (
    {%- for measure, step, population in shares %}
    select
        country,
        cohort_year,
        '{{ measure }}' as measure,
        horizon_months,
        breakdown,
        category,
        sum(case when {{ step }} = 'yes' then members else 0 end) as yes,
        sum(case when {{ step }} = 'no' then members else 0 end) as no,
        sum(case when {{ step }} = 'unknown' then members else 0 end) as unknown
    from patterns
    {%- if population %}
    where {{ population }} = 'yes'
    {%- endif %}
    group by
        country,
        cohort_year,
        horizon_months,
        breakdown,
        category
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

estimates as (
    {{ cohort_proportion_rows('counts', spec, 'P') }}
)

{{ indicator_rows('estimates', spec) }}
