with origins as (
    select
        person_id,
        first_contact_month as origin_month
    from {{ of_touched(ref('dim_person')) }}
)

select * from ({{ cohort_members('origins') }}) as members
