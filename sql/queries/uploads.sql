-- Purpose: the ledger files of an entity and what became of them, those that were thrown away too.
-- Grain: file, the newest first.
select
    uploads.id,
    uploads.file_name as file,
    uploads.mode,
    uploads.state,
    uploads.size_bytes as bytes,
    uploads.received_at,
    uploads.settled_at,
    uploads.applied_number,
    uploads.discarded_by,
    uploads.error_code as error
from app.upload as uploads
inner join app.entity as entities on uploads.entity_id = entities.id
where entities.key = :entity
order by uploads.id desc
limit :most
