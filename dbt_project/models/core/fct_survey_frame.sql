select
    country,
    provider_key,
    wave,
    wave_closed_month,
    stratum,
    margin,
    category,
    eligible,
    invited
from {{ ref('stg_survey_frame') }}
