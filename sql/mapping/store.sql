-- Purpose: choices that take the place of what was chosen before, or are the first.
-- Grain: placing.
insert into app.chosen_line (entity_id, structure_id, account_code, axis, axis_value, line, comment)
select
    %(entity_id)s,
    %(structure_id)s,
    given.account_code,
    given.axis,
    given.axis_value,
    given.line,
    given.comment
from
    unnest(
        %(accounts)s::text[], %(axes)s::text[], %(values)s::text[], %(lines)s::text[], %(comments)s::text[]
    ) as given (account_code, axis, axis_value, line, comment)
where given.line is not null
on conflict (entity_id, structure_id, account_code, axis, axis_value) do update
    set line = excluded.line, comment = excluded.comment
