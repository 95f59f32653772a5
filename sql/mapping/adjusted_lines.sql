-- Purpose: the lines that adjusting entries of an entity are on.
-- Grain: line that entries name instead of an account.
-- Inputs: app.adjusting_entry; app.report_line of the given structure.
-- Invariants: removed entries do not count. amount: debit positive. stands: the structure has the line on one
-- of the statements that entries can be on; where it has not, they count under Unmapped.
select
    entries.line,
    count(*) as entries,
    sum(entries.amount) as amount,
    exists(
        select from app.report_line as lines
        where
            lines.structure_id = %(structure_id)s
            and lines.line = entries.line
            and lines.statement in ('balance_sheet', 'profit_and_loss')
    ) as stands
from app.adjusting_entry as entries
where entries.entity_id = %(entity_id)s and entries.line is not null and entries.removed_at is null
group by entries.line
order by entries.line
