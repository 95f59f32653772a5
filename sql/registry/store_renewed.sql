-- Purpose: credentials that the software renewed; the connection stays the one that it was.
-- Invariants: nothing is overwritten that a person stored, or another process renewed, since it began.
update app.integration
set credentials = %(credentials)s, renewed_at = clock_timestamp(), renewing_since = null
where id = %(connection_id)s and renewing_since = %(began)s
