{{ config(materialized='view') }}

{{ cohort('first_contact_month', ['turned_18_month', 'independent_guardian_month', 'unspecified_guardian_month', 'reunited_month']) }}
