-- Purpose: the lines of a structure that accounts can be placed on, and those above them.
-- Grain: line of profit and loss or of the balance sheet, in the order of the structure.
-- Invariants: is_leaf: accounts can stand there, as reports/account_line.sql has it.
select
    lines.line,
    lines.statement,
    lines.parent,
    lines.level,
    lines.role,
    lines.name_en,
    lines.name_nl,
    lines.name_fr,
    (lines.role is null or lines.role = 'cash')
    and not exists (
        select from app.report_line as children
        where children.structure_id = lines.structure_id and children.parent = lines.line
    ) as is_leaf
from app.report_line as lines
where
    lines.structure_id = %(structure_id)s
    and lines.statement in ('balance_sheet', 'profit_and_loss')
order by lines.statement desc, lines.position asc
