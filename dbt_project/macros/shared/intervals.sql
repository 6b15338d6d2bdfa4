{#- The 0.975 quantile of the standard normal distribution. -#}
{% macro z95() %}1.959963984540054{% endmacro %}

{#-
    Wilson score interval (Wilson 1927) of `successes` out of `trials`, both counts; null where trials is 0.
    Bounds are clamped to 0..1, which rounding could otherwise miss by the last bit.
-#}
{% macro wilson_low(successes, trials) -%}
    greatest(0, {{ _wilson(successes, trials, '-') }})
{%- endmacro %}

{% macro wilson_high(successes, trials) -%}
    least(1, {{ _wilson(successes, trials, '+') }})
{%- endmacro %}

{% macro _wilson(successes, trials, sign) -%}
    {%- set z = z95() -%}
    {%- set k = 'cast(' ~ successes ~ ' as double)' -%}
    {%- set n = 'nullif(cast(' ~ trials ~ ' as double), 0)' -%}
    ({{ k }} + {{ z }} * {{ z }} / 2 {{ sign }} {{ z }} * sqrt({{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4))
    / ({{ n }} + {{ z }} * {{ z }})
{%- endmacro %}
