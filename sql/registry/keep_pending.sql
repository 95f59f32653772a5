-- Purpose: what belongs to a connection in the making, until its person comes back.
insert into app.pending_connection (word_hash, organisation_id, session_hash, content, expires_at)
values (
    %(word_hash)s, %(organisation_id)s, %(session_hash)s, %(content)s, clock_timestamp() + %(life)s
)
