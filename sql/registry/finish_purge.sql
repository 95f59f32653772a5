-- Purpose: nothing but this line is left of an entity.
update app.purge
set finished_at = clock_timestamp()
where key = %(key)s and finished_at is null
