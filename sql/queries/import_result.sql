-- Purpose: what an import did.
-- Grain: the import.
select
    id,
    outcome,
    mode,
    error_code,
    error_message,
    error_fields,
    error_detail,
    counts,
    total_debit,
    total_credit,
    started_at,
    finished_at
from app.import
where id = :import_id
