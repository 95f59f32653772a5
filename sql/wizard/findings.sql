-- Purpose: what was found in an import, in its order.
select
    severity,
    code,
    message,
    line,
    source_column as "column"
from app.finding
where import_id = %(import_id)s
order by ordinal
limit 100
