-- Purpose: which entities are imported once more, because the worker of their last import was lost.
-- Grain: entity. Recent ones: a reconciler that was away for long leaves them to the night.
-- Invariants: one that was itself asked for again is the last; whatever was asked for since comes instead.
-- The second is asked for as the first was: in its mode, with what was allowed for it.
select
    entities.key as entity_key,
    lost.id as import_id,
    lost.mode,
    lost.options
from app.import as lost
inner join app.entity as entities on lost.entity_id = entities.id
where
    lost.error_code = 'worker_lost'
    and lost.trigger <> %(again)s
    and lost.finished_at > clock_timestamp() - %(recent)s::interval
    and not exists (
        select from app.import as later
        where later.entity_id = lost.entity_id and later.id > lost.id
    )
order by lost.id
limit %(most)s
