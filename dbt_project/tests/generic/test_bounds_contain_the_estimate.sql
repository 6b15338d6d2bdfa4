{#-
    With no unknown counted as yes, and with all, a share lies below and above what the known ones say. (Not so of
    an incidence by arithmetic alone: people who leave after they were lost change its bounds' risk sets.)
-#}
{% test bounds_contain_the_estimate(model) %}
select
    main.*,
    low.estimate as unknown_low,
    high.estimate as unknown_high
from {{ model }} as main
inner join {{ model }} as low
    on
        low.measure = 'unknown_low'
        {%- for column in ['country', 'period', 'cohort', 'breakdown', 'category'] %}
        and main.{{ column }} = low.{{ column }}
        {%- endfor %}
        and main.horizon_months is not distinct from low.horizon_months
inner join {{ model }} as high
    on
        high.measure = 'unknown_high'
        {%- for column in ['country', 'period', 'cohort', 'breakdown', 'category'] %}
        and main.{{ column }} = high.{{ column }}
        {%- endfor %}
        and main.horizon_months is not distinct from high.horizon_months
where
    main.measure = 'value'
    and main.method in ('P', 'S')
    and (main.estimate < low.estimate or main.estimate > high.estimate)
{% endtest %}
