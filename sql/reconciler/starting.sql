-- Purpose: how many starts are on their way: imports that were launched here, or whose run is known, and that
-- no run has claimed.
-- Invariants: one that must wait for another import of its entity keeps no place.
select count(*) as starting
from app.import as launched
where
    started_at is null
    and finished_at is null
    and (
        launched_run_id is not null
        or (launches > 0 and launched_at > clock_timestamp() - %(claim_holds)s)
    )
    and not exists (
        select from app.import as started
        where
            started.entity_id = launched.entity_id
            and started.started_at is not null
            and started.finished_at is null
    )
