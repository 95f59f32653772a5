-- Purpose: adjusting entries count no more; they stay, with who removed them.
update app.adjusting_entry
set removed_at = clock_timestamp(), removed_by = %(person)s
where entity_id = %(entity_id)s and id = any(%(ids)s) and removed_at is null
