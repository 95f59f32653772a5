-- Purpose: what entities of the tenant are called, whether or not they were removed.
-- Grain: entity of the keys, by name.
select
    key,
    name,
    false as removed
from app.entity
where key = any(%(keys)s) and status <> 'Deleted'
union all
select
    key,
    name,
    true as removed
from app.removed_entities()
where key = any(%(keys)s)
order by name, key
