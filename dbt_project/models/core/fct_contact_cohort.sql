with origins as (
    select
        person_id,
        first_contact_month as origin_month
    from {{ of_touched(ref('dim_person')) }}
)

select * from ({{ cohort_members(
    'origins',
    [
        'milestones.turned_18_month',
        'milestones.independent_guardian_month',
        'milestones.unspecified_guardian_month',
        'milestones.reunited_month',
    ],
) }}) as members
