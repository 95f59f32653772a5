-- Purpose: credentials that a person gave: the connection is one of now, whatever it was before.
update app.integration
set
    credentials = %(credentials)s,
    state = 'connected',
    connected_at = clock_timestamp(),
    renewed_at = clock_timestamp(),
    connected_by = coalesce(%(person)s, connected_by),
    label = coalesce(%(label)s, label),
    renewing_since = null
where id = %(connection_id)s
