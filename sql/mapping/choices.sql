-- Purpose: where people placed accounts of an entity, and values of its primary axis.
-- Grain: placing within the structure.
-- Invariants: choices for other axes stay stored and are not among these.
select
    account_code as account,
    axis,
    axis_value as value,
    line,
    comment
from app.chosen_line
where entity_id = %(entity_id)s and structure_id = %(structure_id)s and axis in ('', %(axis)s)
order by account_code, axis, axis_value
