{#- What goes on reaches further than any month: in the place of an end that has not come. -#}
{% macro open_end() %}
{{ return(99999) }}
{% endmacro %}
