with origins as (
    select
        person_id,
        start_month as origin_month
    from {{ of_touched(ref('fct_joined_support')) }}
    where spell_number = 1
)

select * from ({{ cohort_members('origins') }}) as members
