{#-
    A build may start from the file of the last one (`pipelines/deliveries/building.py`). Tables with rows of persons
    then forget the persons touched by what changed, and work out those only; in a build from nothing nobody is
    touched, and everybody is worked out.
-#}

{#- Whether the build started from an earlier one. -#}
{% macro is_update() -%}
    {{ return(execute and load_relation(source('landing', 'providers_before')) is not none) }}
{%- endmacro %}


{% macro is_touched(person_id) -%}
    {{ person_id }} in (select touched.person_id from {{ ref('stg_touched_persons') }} as touched)
{%- endmacro %}


{#- The rows of a relation that a model by person reads. -#}
{% macro of_touched(relation) -%}
    {%- set touched = is_touched('person_id') -%}
    {%- if is_incremental() -%}
        (select * from {{ relation }} where {{ touched }})
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#- A hook before a model by person. -#}
{% macro forget_touched() -%}
    {%- set touched = is_touched('person_id') -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ touched }}
    {%- endif -%}
{%- endmacro %}
