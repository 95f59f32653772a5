-- Purpose: what was found in a file, or in its import where nothing is known of the file alone.
-- Grain: finding, in the order in which it was found.
with found as (
    select
        severity,
        code,
        message,
        sentence,
        line,
        source_column,
        ordinal,
        upload_id,
        coalesce(bool_or(upload_id = %(upload_id)s) over (), false) as of_file
    from app.finding
    where import_id = %(import_id)s
)

select
    severity,
    code,
    message,
    sentence,
    line,
    source_column as "column"
from found
where case when of_file then upload_id = %(upload_id)s else upload_id is null end
order by ordinal
limit 100
