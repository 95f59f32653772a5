-- Purpose: what one act of a person changed, beside what is chosen now.
-- Grain: placing that it changed.
select
    changes.structure_id,
    changes.account_code as account,
    changes.axis,
    changes.axis_value as value,
    changes.line_before,
    changes.line_after,
    changes.comment_before,
    changes.comment_after,
    choices.line as line_now,
    choices.comment as comment_now
from app.chosen_line_change as changes
left join app.chosen_line as choices
    on
        changes.entity_id = choices.entity_id
        and changes.structure_id = choices.structure_id
        and changes.account_code = choices.account_code
        and changes.axis = choices.axis
        and changes.axis_value = choices.axis_value
where changes.entity_id = %(entity_id)s and changes.change = %(change)s
order by changes.account_code, changes.axis, changes.axis_value
