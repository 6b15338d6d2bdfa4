{#-
    Relations are named by schema alone. DuckDB calls a database after its file, and the file is renamed once it
    is whole: a view that spelt the building file's name would break.
-#}
{% macro ref() %}
    {% do return(builtins.ref(*varargs, **kwargs).include(database=false)) %}
{% endmacro %}

{% macro source() %}
    {% do return(builtins.source(*varargs).include(database=false)) %}
{% endmacro %}
