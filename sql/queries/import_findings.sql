-- Purpose: what the validators found in an import, in their order.
select
    severity,
    code,
    message,
    line,
    source_column as "column"
from app.finding
where import_id = :import_id
order by ordinal
