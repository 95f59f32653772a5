-- Purpose: what an import did.
-- Grain: the import.
select
    imports.id,
    imports.outcome,
    imports.mode,
    imports.error_code,
    imports.error_message,
    imports.error_fields,
    imports.error_detail,
    imports.counts,
    imports.total_debit,
    imports.total_credit,
    imports.started_at,
    imports.finished_at,
    ties.day as tied_day,
    ties.compared,
    ties.differing,
    ties.untold,
    ties.untold_fields
from app.import as imports
left join raw.tie_out as ties
    on imports.entity_id = ties.entity_id and imports.id = ties.import_id
where imports.id = :import_id
