-- Purpose: what came of comparing the books with the software's own trial balance, the last time.
-- Grain: one row; none where the software, or a file, has no trial balance to compare with.
-- Invariants: day is null where the software did not tell.
select
    day,
    differing,
    compared
from raw.tie_out
where entity_id = %(entity_id)s
order by import_id desc
limit 1
