-- Purpose: how many imports since the last reset were to replay the files of an entity and did not.
-- Invariants: one that was stopped did not fail.
select count(*) as failed
from app.import as imports
inner join app.entity as entities on imports.entity_id = entities.id
where
    entities.id = %(entity_id)s
    and imports.started_at > entities.reset_at
    and imports.mode = 'full'
    and imports.outcome = 'failed'
    and imports.raw_committed_at is null
    and imports.error_code <> 'stopped'
