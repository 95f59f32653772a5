-- Purpose: keep the new sets of axis values that lines name, under the numbers that the lines carry.
-- Invariants: a number never changes its meaning; only the entity's running import numbers.
insert into raw.axis_combination (entity_id, id, axis_values)
select
    %(entity_id)s,
    stage_combination.local_id,
    stage_combination.axis_values
from stage_combination
where not exists (
    select from raw.axis_combination as known
    where known.entity_id = %(entity_id)s and known.id = stage_combination.local_id
)
