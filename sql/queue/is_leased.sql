-- Purpose: whether the worker of a run gives signs of life.
-- Grain: the import of the run, where it is started and its lease has not run out.
select id
from app.import
where run_id = %(run_id)s and finished_at is null and lease_until > clock_timestamp()
