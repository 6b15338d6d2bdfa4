{#- The 0.975 quantile of the standard normal distribution. -#}
{% macro z95() %}1.959963984540054{% endmacro %}

{#-
    Wilson score interval (Wilson 1927) of `successes` out of `trials`, both counts; null where trials is 0.
    Bounds are clamped to 0..1, which rounding could otherwise miss by the last bit.
-#}
{% macro wilson_low(successes, trials) -%}
    case when {{ trials }} > 0 then greatest(0, {{ _wilson(successes, trials, '-') }}) end
{%- endmacro %}

{% macro wilson_high(successes, trials) -%}
    case when {{ trials }} > 0 then least(1, {{ _wilson(successes, trials, '+') }}) end
{%- endmacro %}

{% macro _wilson(successes, trials, sign) -%}
    {%- set z = z95() -%}
    {%- set k = 'cast(' ~ successes ~ ' as double)' -%}
    {%- set n = 'nullif(cast(' ~ trials ~ ' as double), 0)' -%}
    ({{ k }} + {{ z }} * {{ z }} / 2 {{ sign }} {{ z }} * sqrt({{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4))
    / ({{ n }} + {{ z }} * {{ z }})
{%- endmacro %}

{#-
    Complementary log-log interval of a cumulative incidence (Kalbfleisch and Prentice 1980): symmetric in
    log(-log(1 - F)), so inside 0..1. Without an event the variance says nothing: 0 to the Wilson bound of none
    among those still at risk.
-#}
{% macro incidence_low(incidence, std_error) -%}
    case
        when {{ incidence }} = 0 then 0
        else {{ _cloglog(incidence, std_error, '-') }}
    end
{%- endmacro %}

{% macro incidence_high(incidence, std_error, at_risk) -%}
    case
        when {{ incidence }} = 0 then {{ wilson_high('0', at_risk) }}
        else {{ _cloglog(incidence, std_error, '+') }}
    end
{%- endmacro %}

{% macro _cloglog(incidence, std_error, sign) -%}
    1 - power(
        1 - {{ incidence }},
        exp(
            {{ sign }}{{ z95() }} * {{ std_error }}
            / nullif((1 - {{ incidence }}) * -ln(nullif(greatest(1 - {{ incidence }}, 0), 0)), 0)
        )
    )
{%- endmacro %}
