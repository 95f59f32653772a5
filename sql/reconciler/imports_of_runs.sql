-- Purpose: which runs that Dagster takes for running have no worker any more.
-- Grain: import of one of the runs. Lost: Failed because its lease ran out. Over: ended a good while ago.
select
    id,
    run_id,
    coalesce(error_code = 'worker_lost', false) as lost,
    coalesce(finished_at < clock_timestamp() - %(grace)s::interval, false) as over
from app.import
where run_id = any(%(run_ids)s)
