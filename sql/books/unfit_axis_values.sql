-- Purpose: axis values that lines name and that are longer than the ledger takes.
-- Grain: axis value, those that the entity has already left out.
select distinct
    left(used.axis, 60) as axis,
    left(used.code, 60) as code,
    char_length(used.axis) as axis_length,
    char_length(used.code) as code_length
from stage_combination
cross join lateral jsonb_each_text(stage_combination.axis_values) as used (axis, code)
where
    (char_length(used.axis) > 100 or char_length(used.code) > 200)
    and not exists (
        select from raw.axis_value as known
        where
            known.entity_id = %(entity_id)s
            and known.axis = used.axis
            and known.code = used.code
    )
order by 1, 2
limit 101
