-- Purpose: a file of the wizard with the import that it was, or is to be, loaded by.
-- Grain: the upload. While it waits, the newest import of its entity is the one that is to load it. A file
-- that was refused has a reason of its own: its import may have refused others, and published what went on.
-- Invariants: a file that has not come in whole cannot be opened. An import counts the lines of all of its
-- files; the counts are there where it applied this one alone, and replayed none that was applied before.
select
    uploads.id,
    uploads.file_name,
    uploads.content_hash,
    uploads.size_bytes,
    uploads.mode,
    uploads.settings,
    uploads.state,
    uploads.interpretation,
    imports.id as import_id,
    imports.started_at,
    imports.finished_at,
    imports.outcome,
    imports.marts_committed_at is not null as published,
    case
        when uploads.state in ('waiting', 'applied') then imports.error_code else uploads.error_code
    end as error_code,
    case
        when uploads.state in ('waiting', 'applied') then imports.error_message else uploads.error_message
    end as error_message,
    case
        when uploads.state in ('waiting', 'applied') then imports.error_fields else uploads.error_fields
    end as error_fields,
    case
        when
            not exists (
                select from app.upload as others
                where
                    others.entity_id = uploads.entity_id
                    and others.id <> uploads.id
                    and others.state = 'applied'
                    and (
                        others.import_id = imports.id
                        or (imports.mode = 'full' and others.import_id < imports.id)
                    )
            )
            then imports.counts
    end as counts
from app.upload as uploads
left join lateral (
    select *
    from app.import as candidates
    where
        candidates.entity_id = uploads.entity_id
        and (candidates.id = uploads.import_id or uploads.state = 'waiting')
    order by candidates.id desc
    limit 1
) as imports on true
where uploads.id = %(upload_id)s and uploads.entity_id = %(entity_id)s and uploads.size_bytes > 0
