-- Purpose: the adjusting entries of an entity.
-- Grain: entry; those that were removed too where they are asked for.
-- Invariants: debit positive; what was not given is an empty text.
select
    id,
    month,
    coalesce(account_code, '') as account,
    coalesce(line, '') as line,
    coalesce(axis, '') as axis,
    coalesce(axis_value, '') as axis_value,
    amount,
    reason,
    added_at,
    added_by,
    removed_at,
    removed_by
from app.adjusting_entry
where entity_id = %(entity_id)s and (%(with_removed)s or removed_at is null)
order by month, id
