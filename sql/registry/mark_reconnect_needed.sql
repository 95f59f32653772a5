-- Purpose: the credentials of a connection no longer work; not where someone connected again meanwhile.
update app.integration
set state = 'reconnect needed'
where id = %(connection_id)s and connected_at <= %(tried_at)s
