select
    delivery_id,
    country,
    provider_key,
    wave,
    {{ quarter_end_month('wave') }} as wave_closed_month,
    stratum,
    margin,
    category,
    eligible,
    invited
from ({{ latest_rows('survey_frame', ['wave', 'stratum', 'margin', 'category']) }}) as latest
