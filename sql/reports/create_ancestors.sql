-- Purpose: which subtotals the lines of the entity's structure count in, at hand for all statements.
-- Grain: line and each line above it, itself among them.
-- Inputs: app.report_line_ancestry, app.report_line, mapped.account_line, which tells the structure.
create temporary table stage_ancestor on commit drop as
select
    ancestry.line,
    lines.statement,
    ancestry.ancestor
from app.report_line_ancestry as ancestry
inner join app.report_line as lines
    on ancestry.structure_id = lines.structure_id and ancestry.line = lines.line
where
    ancestry.structure_id = (
        select structure_id from mapped.account_line
        where entity_id = %(entity_id)s and account_code = '(result)'
    )
