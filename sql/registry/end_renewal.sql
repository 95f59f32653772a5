-- Purpose: a renewal that stored nothing: where its token is unspent the next process may renew, else none
-- ever does, as if it had taken too long.
update app.integration
set renewing_since = case when not %(unspent)s then timestamptz '-infinity' end
where id = %(connection_id)s and renewing_since = %(began)s
