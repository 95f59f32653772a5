-- Purpose: a run that nobody requested beforehand is an import like any other.
insert into app.import (entity_id, trigger, mode, run_id, step, started_at, lease_until)
values (
    %(entity_id)s,
    %(trigger)s,
    %(mode)s,
    %(run_id)s,
    'fetching',
    clock_timestamp(),
    clock_timestamp() + %(lease)s
)
returning id, mode, options
