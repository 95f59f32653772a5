-- Purpose: the import of the entity that runs at this moment, if any.
select
    id,
    run_id,
    started_at
from app.import
where entity_id = %(entity_id)s and started_at is not null and finished_at is null
