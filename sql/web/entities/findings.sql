-- Purpose: what was found in an import, to correct it in the file or the accounting software.
-- Grain: finding, in the order in which it was found.
select
    severity,
    code,
    message,
    sentence,
    line,
    source_column as "column"
from app.finding
where import_id = %(import_id)s
order by ordinal
limit 100
