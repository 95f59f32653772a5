-- Purpose: the end of an alert; a recovery is told to those who may have heard of the trouble.
with closed as (
    update app.alert
    set closed_at = %(now)s
    where id = %(alert_id)s and closed_at is null
    returning id
)

insert into app.alert_message (organisation_id, alert_id, kind, channel, recipient, next_attempt_at)
select
    told.organisation_id,
    closed.id,
    'recovered',
    told.channel,
    told.recipient,
    %(now)s
from closed
inner join app.alert_message as told on closed.id = told.alert_id
where %(recovered)s and told.kind = 'opened' and told.attempts > 0
on conflict do nothing
