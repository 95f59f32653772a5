-- Purpose: which subtotals the lines of the entity's structure count in, worked out once for all statements.
-- Grain: line and each line above it, itself among them.
-- Inputs: app.report_line, mapped.account_line, which tells the structure.
-- Invariants: the lines of a structure are a tree, so that each counts once in a subtotal.
create temporary table stage_ancestor on commit drop as
with recursive structure as (
    select
        line,
        statement,
        parent
    from app.report_line
    where
        structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

ancestry as (
    select
        line,
        statement,
        line as ancestor,
        parent
    from structure
    union all
    select
        ancestry.line,
        ancestry.statement,
        structure.line,
        structure.parent
    from ancestry
    inner join structure on ancestry.parent = structure.line
)

select
    line,
    statement,
    ancestor
from ancestry
