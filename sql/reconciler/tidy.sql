-- Purpose: what nobody asks for any more. Imports stay: they are the entity's history.
with requests as (
    delete from app.hook_request where received_at < now() - interval '30 days'
    returning 1
),

sessions as (
    delete from app.web_session where expires_at < now()
    returning 1
),

pending as (
    delete from app.pending_connection where expires_at < now()
    returning 1
),

messages as (
    delete from app.alert_message
    using app.alert
    where alert_message.alert_id = alert.id and alert.closed_at < now() - interval '90 days'
    returning 1
)

select
    (select count(*) from requests) as requests,
    (select count(*) from sessions) as sessions,
    (select count(*) from pending) as pending,
    (select count(*) from messages) as messages
