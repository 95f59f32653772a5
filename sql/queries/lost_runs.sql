-- Purpose: Dagster runs whose worker is lost: whoever launched them, they will not end by themselves.
-- Grain: import of the last day that failed because its lease ran out.
select
    run_id,
    error_detail
from app.import
where error_code = 'worker_lost' and finished_at > now() - interval '1 day'
order by id
