-- Purpose: keys that an index cannot hold.
select external_id
from stage
where octet_length(external_id) > 1000 or octet_length(booking) > 1000
order by external_id
limit 10
