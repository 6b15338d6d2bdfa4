{{ config(materialized='view') }}

select
    person_id,
    country,
    first_contact_month as contact_month,
    informed_month,
    free_aid_month,
    unspecified_aid_month,
    claimed_month,
    claim_channel,
    claimed_or_decided_month,
    granted_month,
    unspecified_decision_month,
    paid_in_full_month,
    unspecified_award_month,
    fund_paid_month,
    unspecified_paid_month,
    charged_month,
    unspecified_charge_month,
    discontinued_month,
    detained_month,
    removed_month,
    died_month,
    cutoff_month,
    {{ person_columns() | join(',\n    ') }}
from {{ ref('fct_person_milestones') }}
