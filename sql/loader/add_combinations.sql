-- Purpose: give new sets of axis values their number.
-- Invariants: the entity is locked, so that no other import numbers at the same time.
insert into raw.axis_combination (entity_id, id, axis_values)
select
    %(entity_id)s,
    coalesce((select max(id) from raw.axis_combination where entity_id = %(entity_id)s), 0)
    + row_number() over (order by local_id),
    axis_values
from stage_combination
where not exists (
    select from raw.axis_combination as known
    where known.entity_id = %(entity_id)s and known.axis_values = stage_combination.axis_values
)
