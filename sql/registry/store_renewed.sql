-- Purpose: credentials that the software renewed; the connection stays the one that it was.
update app.integration
set credentials = %(credentials)s, renewing_since = null
where id = %(connection_id)s and renewing_since is not null
