-- Purpose: what a connection imports and the administrations of an account do not hold.
-- Grain: name of an active entity, in order.
select name
from app.entity
where
    integration_id = %(connection_id)s
    and status = 'Active'
    and administration <> all(%(ids)s::text[])
order by lower(name), key
