-- Purpose: an entity goes out of sight; who removed it, and when, is kept for whoever restores it.
-- Invariants: what was removed before keeps who did that.
update app.entity
set
    status = 'Deleted',
    removed_at = coalesce(removed_at, clock_timestamp()),
    removed_by = coalesce(removed_by, %(removed_by)s)
where id = %(entity_id)s
