-- Purpose: a list of administrations that could not be read: nobody waits for it any more, and it is tried
-- again later. With reconnect, the software said that the credentials no longer work, which counts only where
-- nobody has connected again since.
update app.integration
set
    administrations_asked_at = null,
    administrations_looked_at = clock_timestamp(),
    state = case
        when %(reconnect)s and state = 'connected' and connected_at = %(connected_at)s then 'reconnect needed'
        else state
    end
where id = %(connection_id)s
