-- Purpose: what an answer about an entity depends on, besides the import that published its figures.
-- Grain: one row.
-- Invariants: lines_at changes with every import that changed ledger lines, published or not; words with the
-- lines of the reporting structure and their names.
select
    (
        select max(imports.raw_committed_at) from app.import as imports
        where imports.entity_id = %(entity_id)s
    ) as lines_at,
    (
        select md5(string_agg(lines::text, '' order by lines.line)) from app.report_line as lines
        where lines.structure_id = %(structure_id)s
    ) as words
