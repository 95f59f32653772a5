-- Purpose: take the batches of a channel that are due, and note the attempt before it is made.
-- Grain: message; those with the same batch go out as one.
-- Invariants: a batch is of one recipient, cause and kind, and of one organisation unless it is for
-- operations. It stays together from its first attempt on, for its members share attempts and
-- next_attempt_at. While one of its sort was sent a short while ago, or is being tried for the first
-- times, new messages gather.
with due as (
    select
        messages.id,
        messages.organisation_id,
        messages.channel,
        messages.kind,
        messages.recipient,
        messages.attempts,
        messages.next_attempt_at,
        alerts.cause,
        coalesce(messages.recipient = %(operations)s, false) as for_operations
    from app.alert_message as messages
    inner join app.alert as alerts on messages.alert_id = alerts.id
    where
        messages.channel = %(channel)s
        and messages.next_attempt_at <= %(now)s
        and messages.sent_at is null
        and messages.given_up_at is null
),

batches as (
    select
        min(id) as batch,
        array_agg(id) as ids,
        attempts,
        for_operations
    from due
    where
        attempts > 0
        or not exists (
            select from app.alert_message as before
            inner join app.alert as told on before.alert_id = told.id
            where
                before.channel = due.channel
                and before.recipient = due.recipient
                and before.kind = due.kind
                and told.cause = due.cause
                and (before.organisation_id = due.organisation_id or due.for_operations)
                and before.given_up_at is null
                and before.attempts > 0
                and (
                    before.sent_at > %(now)s - %(gathering)s
                    or (before.sent_at is null and before.attempts <= %(first_attempts)s)
                )
        )
    group by
        recipient,
        cause,
        kind,
        for_operations,
        case when not for_operations then organisation_id end,
        attempts,
        case when attempts > 0 then next_attempt_at end
    order by attempts, min(next_attempt_at), min(id)
    limit %(most)s
),

members as (
    select
        batch,
        attempts,
        for_operations,
        unnest(ids) as id
    from batches
)

update app.alert_message as messages
set
    attempts = messages.attempts + 1,
    next_attempt_at = %(now)s + (%(pauses)s::interval[])[least(messages.attempts + 1, %(last_pause)s)]
from
    members,
    app.alert as alerts left join app.import as told on alerts.import_id = told.id,
    app.entity as entities,
    app.integration as integrations,
    app.organisation as organisations
where
    messages.id = members.id
    and messages.attempts = members.attempts
    and messages.sent_at is null
    and messages.given_up_at is null
    and messages.alert_id = alerts.id
    and alerts.entity_id = entities.id
    and entities.integration_id = integrations.id
    and alerts.organisation_id = organisations.id
returning
    members.batch,
    members.for_operations,
    messages.id,
    messages.channel,
    messages.kind,
    messages.recipient,
    messages.attempts,
    alerts.cause,
    alerts.message,
    told.error_fields,
    alerts.opened_at,
    alerts.closed_at,
    entities.key,
    entities.name,
    integrations.provider = 'file' as takes_files,
    organisations.name as organisation,
    organisations.alert_secret
