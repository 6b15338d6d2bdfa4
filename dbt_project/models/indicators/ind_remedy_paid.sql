{%- set spec = ind_spec() -%}
{%- set measures = [{'measure': 'fully_paid', 'axis': 'payment', 'events': ['paid']}] -%}
-- A grant of no money has nothing to pay; a grant of an amount that nobody stated is unknown.
with awards as (
    select *
    from {{ ref('fct_remedy_claims') }}
    where
        awarded_month is not null
        and coalesce(awarded_amount, 1) > 0
),

currencies as (
    {{ most_common_currency('awards') }}
),

members as (
    select
        awards.*,
        awards.awarded_month as origin_month,
        'value' as measure,
        case when currencies.currency is not null then awards.awarded_amount end as base,
        case
            when currencies.currency is not null and awards.awarded_amount is not null
                then awards.paid_12_months_amount
        end as part
    from awards
    left join currencies
        on
            awards.country = currencies.country
            and awards.currency = currencies.currency
),

-- Payments are read to the cut-off. An award of unknown amount was never seen: it can't be called paid in full.
histories as (
    select
        members.*,
        -1 as entry,
        {{ clock_end(
            "case
                when members.awarded_amount is null then -1
                when members.fully_paid_month is not null
                    then greatest(0, members.fully_paid_month - members.origin_month)
                else vintage.cutoff_month - members.origin_month
            end",
            "case when members.awarded_amount is not null and members.fully_paid_month is not null then 'paid' end",
            'members.awarded_amount is null',
            measures,
        ) }} as payment_end
    from members
    inner join {{ ref('dim_vintage') }} as vintage on members.country = vintage.country
),

ratios as (
    {{ method_r_cohort('members', spec, horizon=12) }}
),

incidences as (
    {{ method_aj('histories', spec, measures) }}
),

estimates as (
    select *
    from ratios

    union all

    select *
    from incidences
)

{{ indicator_rows('estimates', spec) }}
