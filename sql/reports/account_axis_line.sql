-- Purpose: the accounts that stand elsewhere for some values of the entity's primary axis.
-- Grain: account and value of the axis.
-- Inputs: app.chosen_line, mapped.account_line, which tells the structure and each account's statement.
-- Invariants: a leaf of the statement of the account; choices for other axes stay and place nothing.
select
    choices.account_code,
    choices.axis_value,
    choices.line
from app.chosen_line as choices
inner join app.entity as entities on choices.entity_id = entities.id and choices.axis = entities.primary_axis
inner join mapped.account_line as accounts
    on
        choices.entity_id = accounts.entity_id
        and choices.account_code = accounts.account_code
        and choices.structure_id = accounts.structure_id
inner join app.report_line as lines
    on
        choices.structure_id = lines.structure_id
        and choices.line = lines.line
        and accounts.type = lines.statement
where
    choices.entity_id = %(entity_id)s
    and (lines.role is null or lines.role = 'cash')
    and not exists (
        select from app.report_line as children
        where children.structure_id = lines.structure_id and children.parent = lines.line
    )
