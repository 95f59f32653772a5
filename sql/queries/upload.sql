-- Purpose: all that is known of one ledger file.
-- Grain: the file.
select
    uploads.id,
    entities.key as entity,
    entities.organisation_id,
    uploads.file_name as file,
    uploads.size_bytes as bytes,
    uploads.content_hash as sha256,
    uploads.mode,
    uploads.state,
    uploads.received_at,
    uploads.settled_at,
    uploads.applied_number,
    uploads.import_id,
    uploads.discarded_by,
    uploads.settings,
    uploads.interpretation,
    uploads.troubles,
    uploads.error_code,
    uploads.error_message,
    uploads.error_fields,
    uploads.error_detail
from app.upload as uploads
inner join app.entity as entities on uploads.entity_id = entities.id
where uploads.id = :upload_id
