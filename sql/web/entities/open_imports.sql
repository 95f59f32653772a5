-- Purpose: the imports that wait or run.
-- Grain: import; at most one that waits and one that runs for each entity whose id is given.
-- Invariants: asked apart from the cards. In a night when everybody waits the statistics do not know it
-- yet, and a join would read all that wait once for every entity.
select
    id,
    entity_id,
    run_id,
    trigger,
    requested_by,
    requested_at,
    started_at,
    lease_until > clock_timestamp() as lease_alive,
    step,
    lines_read
from app.import
where
    finished_at is null
    and entity_id = any(%(ids)s)
