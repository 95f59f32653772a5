-- Purpose: choices that are taken back; the structure places their accounts again.
-- Grain: placing.
delete from app.chosen_line as choices
using
    unnest(
        %(accounts)s::text[], %(axes)s::text[], %(values)s::text[], %(lines)s::text[]
    ) as given (account_code, axis, axis_value, line)
where
    choices.entity_id = %(entity_id)s
    and choices.structure_id = %(structure_id)s
    and choices.account_code = given.account_code
    and choices.axis = given.axis
    and choices.axis_value = given.axis_value
    and given.line is null
