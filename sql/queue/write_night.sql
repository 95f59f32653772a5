-- Purpose: the imports of a tick wait from now on.
-- Invariants: one import an entity and tick; an entity that waits meanwhile keeps that import.
insert into app.import (entity_id, trigger, requested_by, priority, tick)
select
    due.entity_id,
    'scheduled',
    'schedule',
    %(priority)s + entities.priority,
    %(tick)s
from unnest(%(entities)s::bigint[]) as due (entity_id)
inner join app.entity as entities on due.entity_id = entities.id
order by due.entity_id
on conflict do nothing
returning
    entity_id,
    id as import_id
