{%- set spec = ind_spec() -%}
-- Each measure bears the name of its survey item.
with estimates as (
    {{ method_w({
        'housing_secure': 'housing_secure',
        'safe_from_abusers': 'safe_from_abusers',
        'support_consistent': 'support_consistent',
        'services_compassionate': 'services_compassionate',
        'purpose_found': 'purpose_found',
        'medical_access': 'medical_access',
        'education_access': 'education_access',
    }, spec) }}
)

{{ indicator_rows('estimates', spec) }}
