with origins as (
    select
        person_id,
        start_month as origin_month,
        end_month as support_end_month,
        exit_reason as support_exit_reason
    from {{ of_touched(ref('fct_joined_support')) }}
    where spell_number = 1
)

select * from ({{ cohort_members(
    'origins',
    [
        'origins.support_end_month',
        'origins.support_exit_reason',
        'milestones.trained_month',
        'milestones.work_changes',
        'milestones.housing_changes',
        'milestones.retrafficked_months',
        'milestones.formal_identification_months',
        'milestones.unspecified_identification_months',
    ],
) }}) as members
