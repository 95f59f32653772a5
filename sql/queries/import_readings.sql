-- Purpose: how the files of an import were read.
select
    file_name,
    interpretation
from app.upload
where import_id = :import_id
order by id
