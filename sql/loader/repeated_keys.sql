-- Purpose: whether any key was delivered more than once.
select external_id
from stage
where operation = 'l'
group by external_id
having count(*) > 1
limit 1
