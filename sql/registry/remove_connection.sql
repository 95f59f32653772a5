-- Purpose: a connection without credentials: nothing more is fetched through it, and what was stays.
update app.integration
set
    credentials = null,
    state = 'removed',
    renewing_since = null
where id = %(connection_id)s and state <> 'removed' and provider <> 'file'
