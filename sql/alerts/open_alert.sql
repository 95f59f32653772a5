-- Purpose: a cause that someone is told about, with the messages that tell it: both or neither.
-- Invariants: an entity has one open alert a cause; a recipient gets one message a kind of it.
with opened as (
    insert into app.alert (organisation_id, entity_id, cause, message, import_id, opened_at)
    values (%(organisation_id)s, %(entity_id)s, %(cause)s, %(message)s, %(import_id)s, %(now)s)
    on conflict (entity_id, cause) where closed_at is null do nothing
    returning id, organisation_id
)

insert into app.alert_message (organisation_id, alert_id, kind, channel, recipient, next_attempt_at)
select
    opened.organisation_id,
    opened.id,
    'opened',
    addressed.channel,
    addressed.recipient,
    %(now)s
from opened
inner join app.organisation as organisations on opened.organisation_id = organisations.id
inner join lateral (
    values
    ('email', organisations.alert_email),
    ('hook', organisations.alert_url),
    ('email', %(operations)s::text)
) as addressed (channel, recipient) on true
where addressed.recipient <> ''
on conflict do nothing
