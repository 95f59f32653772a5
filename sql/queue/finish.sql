-- Purpose: the end of an import, written by the worker that owns it.
-- Invariants: an import that found no ledger file leaves the status as it was. A success that fetched nothing
-- cures no failure while the file settled last is a refused one.
update app.import as ending
set
    finished_at = clock_timestamp(),
    outcome = %(outcome)s,
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_fields = %(error_fields)s,
    error_detail = %(error_detail)s,
    cures = %(error_code)s is distinct from 'no_ledger_file'
    and (%(outcome)s <> 'succeeded' or raw_committed_at is not null or not exists (
        select from app.upload as refused
        where
            refused.entity_id = ending.entity_id
            and refused.state = 'refused'
            and not exists (
                select from app.upload as later
                where
                    later.entity_id = ending.entity_id
                    and later.state = 'applied'
                    and later.import_id > refused.import_id
            )
    ))
where
    id = %(import_id)s
    and entity_id = %(entity_id)s
    and run_id = %(run_id)s
    and finished_at is null
returning id
