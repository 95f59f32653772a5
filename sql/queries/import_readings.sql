-- Purpose: how the files of an import were read, and what became of them.
select
    file_name,
    interpretation,
    state
from app.upload
where import_id = :import_id
order by id
