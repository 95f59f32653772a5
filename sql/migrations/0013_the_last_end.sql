-- Purpose: how the imports of an entity ended, said once for its status, its alerts and the gate.
-- Invariants: a success that cures nothing does not count (0010). The last end is the one that came last, not
-- the one that was asked for last: an import that waited may end after a later one.

-- Whoever asks for the last ends, canceled ones among them or not, finds them in the order of their time.
drop index app.import_ended;

create index import_ended on app.import (entity_id, finished_at desc) where finished_at is not null and cures;

-- Grain: import that ended and counts. Alerts look at the last ones; canceled ones may have a cause too.
create view app.counted_end with (security_invoker = true) as
select
    entity_id,
    id as import_id,
    run_id,
    trigger,
    mode,
    started_at,
    finished_at,
    outcome,
    error_code,
    error_message,
    error_fields,
    counts
from app.import
where finished_at is not null and cures;

-- Grain: one row, or none where no import of the entity succeeded or failed.
-- A function with an argument and not a view to join: PostgreSQL replaces the call by its query, which is one
-- look into the index for each entity; a view of this grain would have to read app.entity once more.
create function app.last_end(of_entity bigint) returns setof app.counted_end language sql stable
begin atomic
    select *
    from app.counted_end
    where entity_id = of_entity and outcome <> 'canceled'
    order by finished_at desc
    limit 1;
end;
