{%- set spec = ind_spec() -%}
{%- set per_10000 = {'unit': 'per_10000_employed', 'scale': 10000} -%}
{%- set rates = {} -%}
{%- for measure in spec.get('measures', {}) -%}
{%- do rates.update({measure: per_10000}) -%}
{%- endfor -%}
-- Two inspectorates of a region count the same people, so the larger figure stands for both.
with employment as (
    select
        country,
        region,
        sector,
        year,
        max(employed) as employed
    from {{ ref('stg_workforce') }}
    where employed > 0
    group by
        country,
        region,
        sector,
        year
),

inspections as (
    select
        inspections.country,
        inspections.inspection_month as flow_month,
        inspections.sector,
        inspections.region,
        inspections.workers_covered,
        employment.employed is not null as is_covered
    from {{ ref('fct_inspections') }} as inspections
    left join employment
        on
            inspections.country = employment.country
            and inspections.region = employment.region
            and inspections.sector = employment.sector
            and {{ year_of('inspections.inspection_month') }} = employment.year
),

-- The measures, each with what an inspection adds to it; domestic work is ISIC section T.
counted (measure, counts_workers, domestic_only) as (
    values
    ('value', false, false),
    ('workers', true, false),
    ('domestic_inspections', false, true),
    ('domestic_workers', true, true)
),

parts as (
    select
        inspections.country,
        inspections.flow_month,
        inspections.sector,
        inspections.region,
        inspections.is_covered,
        counted.measure,
        case when counted.counts_workers then inspections.workers_covered else 1 end as part
    from inspections
    inner join counted on not counted.domestic_only or inspections.sector = 'T'
),

exposures as (
    select
        employment.country,
        12 * employment.year as flow_month,
        employment.sector,
        employment.region,
        counted.measure,
        employment.employed as base
    from employment
    inner join counted on not counted.domestic_only or employment.sector = 'T'
),

estimates as (
    {{ method_r_exposure('parts', 'exposures', spec, rates) }}
)

{{ indicator_rows('estimates', spec) }}
