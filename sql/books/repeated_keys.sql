-- Purpose: whether any key was delivered more than once.
select max(external_id) as example
from stage
where operation = 'l'
having count(*) > count(distinct external_id)
