-- The number of a person stands for the person everywhere: no two persons may have the same.
select person_id
from {{ ref('stg_persons') }}
group by person_id
having min(country) <> max(country) or min(person_key) <> max(person_key)
