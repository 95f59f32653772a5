-- Purpose: the calls that count towards a limit now, and when the first of them no longer does.
-- Invariants: a slot counts until all of it is older than the period, so that no window of that length,
-- wherever it begins, holds more calls than the limit allows.
select
    coalesce(sum(calls), 0) as calls,
    min(slot) + %(period)s + %(period)s / 20 - clock_timestamp() as wait
from app.rate_usage
where
    integration_id = %(connection_id)s
    and limit_name = %(limit_name)s
    and slot > clock_timestamp() - %(period)s - %(period)s / 20
