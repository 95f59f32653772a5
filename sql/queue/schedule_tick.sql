-- Purpose: a tick of the schedule: writes the imports that are due, and tells why the others are not.
-- Grain: entity that was not removed. import_id where the tick has an import for it; else the reason why not.
-- Invariants: one import an entity and tick; evaluated again, a tick tells the imports that it wrote and
-- writes no second ones. An entity that waits keeps that import; one whose import runs gets another.
with judged as (
    select
        entities.id,
        entities.key,
        organisations.name as organisation,
        of_tick.id as import_id,
        of_tick.outcome,
        case
            when of_tick.id is not null then 'canceled'
            when organisations.subscription <> all(%(paying)s)
                then 'subscription ' || replace(organisations.subscription, '_', ' ')
            when organisations.subscription_read_at < %(verified_since)s then 'subscription not verified'
            when entities.status <> 'Active' then 'entity ' || lower(entities.status)
            when integrations.state <> 'connected' then integrations.state
            when exists (
                select from app.import as waiting
                where
                    waiting.entity_id = entities.id
                    and waiting.started_at is null
                    and waiting.finished_at is null
            ) then 'waiting already'
        end as reason
    from app.entity as entities
    inner join app.organisation as organisations on entities.organisation_id = organisations.id
    inner join app.integration as integrations on entities.integration_id = integrations.id
    left join app.import as of_tick on entities.id = of_tick.entity_id and of_tick.tick = %(tick)s
    where entities.status <> 'Deleted'
),

written as (
    insert into app.import (entity_id, trigger, requested_by, priority, tick)
    select
        id,
        'scheduled',
        'schedule',
        %(priority)s,
        %(tick)s
    from judged
    where reason is null
    order by id
    on conflict do nothing
    returning
        entity_id,
        id as import_id
)

select
    judged.key,
    judged.organisation,
    coalesce(judged.reason, 'waiting already') as reason,
    case
        when judged.outcome = 'canceled' then null
        else coalesce(judged.import_id, written.import_id)
    end as import_id
from judged
left join written on judged.id = written.entity_id
order by judged.id
