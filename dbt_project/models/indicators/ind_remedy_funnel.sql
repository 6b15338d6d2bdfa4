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
reached as (
    select
        outcomes.country,
        {{ year_of('outcomes.contact_month') }} as cohort_year,
        horizons.horizon_months,
        {{ person_attributes('outcomes') }}
        {%- for step, month in [
            ('informed', 'informed_month'),
            ('free_aid', 'free_aid_month'),
            ('unspecified_aid', 'unspecified_aid_month'),
            ('claimed', 'claimed_or_decided_month'),
            ('granted', 'granted_month'),
            ('unspecified_decision', 'unspecified_decision_month'),
            ('paid_in_full', 'paid_in_full_month'),
            ('unspecified_award', 'unspecified_award_month'),
        ] %},
        coalesce(outcomes.{{ month }} <= outcomes.contact_month + horizons.horizon_months, false) as {{ step }}
        {%- endfor %}
    from {{ ref('fct_contact_outcomes') }} as outcomes
    cross join horizons
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
