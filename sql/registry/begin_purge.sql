-- Purpose: the line that remains of an entity; a purge that is gone on with keeps its first one.
insert into app.purge (organisation_id, key, purged_by)
values (%(organisation_id)s, %(key)s, %(purged_by)s)
on conflict (key) where finished_at is null do nothing
