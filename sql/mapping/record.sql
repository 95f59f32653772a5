-- Purpose: who changed which choices, all that was changed at once under one id.
-- Grain: placing that changed.
insert into app.chosen_line_change (
    entity_id, structure_id, change, account_code, axis, axis_value,
    line_before, line_after, comment_before, comment_after, person
)
select
    %(entity_id)s,
    %(structure_id)s,
    %(change)s,
    given.*,
    %(person)s
from
    unnest(
        %(accounts)s::text[], %(axes)s::text[], %(values)s::text[],
        %(lines_before)s::text[], %(lines)s::text[], %(comments_before)s::text[], %(comments)s::text[]
    ) as given
