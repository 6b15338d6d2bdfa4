{%- set spec = ind_spec() -%}
{%- set reasons = [
    'completed', 'independent', 'lost_contact', 'returned', 'transferred', 'died', 'other', 'unknown',
] -%}
{%- set measures = [] %}
{%- for reason in reasons %}
{%- do measures.append({
    'measure': 'exit_' ~ reason,
    'axis': 'support',
    'events': [reason],
    'competing': reasons | reject('equalto', reason) | list,
}) %}
{%- endfor %}
with horizons (horizon_months) as (
    {{ horizon_values(spec) }}
),

entrants as (
    select
        cohort.*,
        horizons.horizon_months,
        cohort.origin_month + horizons.horizon_months as horizon_month
    from {{ ref('fct_support_cohort') }} as cohort
    cross join horizons
),

-- The state is that at the end of the month, as in the incidence of exits: a last month of support is an exit.
-- Joined spells of a person never overlap, so at most one holds; it need not be the first.
states as (
    select
        entrants.*,
        {{ state_if_known(
            "case when support.person_id is null then 'out_of_support' else 'in_support' end",
            'entrants.horizon_month',
            'entrants',
            'entrants',
        ) }} as state
    from entrants
    left join {{ ref('fct_joined_support') }} as support
        on
            entrants.person_id = support.person_id
            and entrants.horizon_month >= support.start_month
            and entrants.horizon_month < coalesce(support.end_month, {{ open_end() }})
),

shares as (
    {{ method_s('states', spec, {'value': 'in_support'}) }}
),

-- The first joined support from its start to its exit; still open, to the end of observation.
members as (
    select
        *,
        {{ clock_end(
            'coalesce(support_end_month, unobserved_month) - origin_month',
            'support_exit_reason',
            'support_end_month is null and is_lost',
            measures,
        ) }} as support_end
    from {{ ref('fct_support_cohort') }}
),

exits as (
    {{ method_aj('members', spec, measures) }}
),

estimates as (
    select * from shares
    union all
    select * from exits
)

{{ indicator_rows('estimates', spec) }}
