-- Purpose: the calls that count towards a limit now, and when the first of them no longer does.
-- Invariants: a slot counts until all of it is older than the period, and a little longer for calls that
-- were on their way for unequal times, so that no window of that length, wherever it begins, holds more
-- calls than the limit allows.
select
    coalesce(sum(calls), 0) as calls,
    min(slot) + %(counts_for)s - clock_timestamp() as wait
from app.rate_usage
where
    integration_id = %(connection_id)s
    and limit_name = %(limit_name)s
    and slot > clock_timestamp() - %(counts_for)s
