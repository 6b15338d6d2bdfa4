-- The number of a person stands for the person everywhere: no two persons may have the same.
select {{ person_id('country', 'person_key') }} as person_id
from ({{ accepted_rows('persons') }}) as accepted
group by {{ person_id('country', 'person_key') }}
having min(country) <> max(country) or min(person_key) <> max(person_key)
