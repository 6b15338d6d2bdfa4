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
    among those still at risk, z2 / (n + z2). `widening` is the column that incidence_widening makes, once for both ends.
-#}
{% macro incidence_low(incidence, widening) -%}
    case when {{ incidence }} = 0 then 0 else 1 - power(1 - {{ incidence }}, exp(-{{ widening }})) end
{%- endmacro %}

{% macro incidence_high(incidence, widening, at_risk) -%}
    {%- set squared = z95() ~ ' * ' ~ z95() -%}
    case
        when {{ incidence }} = 0 then case when {{ at_risk }} > 0 then {{ squared }} / ({{ at_risk }} + {{ squared }}) end
        else 1 - power(1 - {{ incidence }}, exp({{ widening }}))
    end
{%- endmacro %}

{#- How far the interval goes either way on its scale. -#}
{% macro incidence_widening(incidence, std_error) -%}
    {{ z95() }} * {{ std_error }}
    / nullif((1 - {{ incidence }}) * -ln(nullif(greatest(1 - {{ incidence }}, 0), 0)), 0)
{%- endmacro %}
