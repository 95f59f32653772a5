-- Purpose: the mark that a renewal began; whoever set it is the one that may take it back.
update app.integration
set renewing_since = clock_timestamp()
where id = %(connection_id)s
returning renewing_since
