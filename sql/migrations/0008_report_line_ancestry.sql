-- Purpose: which subtotals a report line counts in.
-- Grain: report line and each line above it, itself among them.
-- Inputs: app.report_line.
-- Invariants: the lines of a structure are a tree, so that each counts once in a subtotal.
create view app.report_line_ancestry with (security_invoker = true) as
with recursive ancestry as (
    select
        structure_id,
        line,
        line as ancestor
    from app.report_line
    union all
    select
        ancestry.structure_id,
        ancestry.line,
        lines.parent
    from ancestry
    inner join app.report_line as lines
        on ancestry.structure_id = lines.structure_id and ancestry.ancestor = lines.line
    where lines.parent is not null
)

select * from ancestry;
