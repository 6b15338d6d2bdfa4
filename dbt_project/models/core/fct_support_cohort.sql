{{ config(materialized='view') }}

{{ cohort(
    'support_start_month',
    [
        'support_end_month',
        'support_exit_reason',
        'trained_month',
        'work_changes',
        'housing_changes',
        'retrafficked_months',
        'formal_identification_months',
        'unspecified_identification_months',
    ],
    observed='support_',
) }}
where support_start_month is not null
