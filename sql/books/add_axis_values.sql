-- Purpose: an axis value that lines use but no list names is known by its code.
insert into raw.axis_value (entity_id, axis, code, name)
select distinct
    %(entity_id)s::bigint,
    used.axis,
    used.code,
    used.code
from stage_combination
cross join lateral jsonb_each_text(stage_combination.axis_values) as used (axis, code)
on conflict do nothing
