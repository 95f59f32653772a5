-- Purpose: what decides whether an entity may import.
-- Grain: entity. Asked after its lock was taken, so that it sees what who held the lock before wrote.
-- Invariants: a started import whose lease ran out does not run. The entity is looked up by its id before
-- anything else: joined, all entities of its organisation may be looked through where statistics are late.
with entities as materialized (
    select * from app.entity
    where id = %(entity_id)s
)

select
    entities.id,
    entities.key,
    entities.name,
    entities.status,
    entities.priority,
    organisations.subscription,
    organisations.subscription_read_at,
    integrations.provider,
    integrations.state as connection,
    exists(
        select from app.import as started
        where
            started.entity_id = entities.id
            and started.started_at is not null
            and started.finished_at is null
            and started.lease_until > clock_timestamp()
    ) as running,
    case when last_end.outcome = 'failed' then last_end.finished_at end as failed_at,
    case
        when integrations.provider = 'file' and not app.has_ledger_file(entities.id) then 'file'
    end as missing,
    exists(
        select from app.cursor as cursors
        inner join app.import as fetched on cursors.import_id = fetched.id
        where
            cursors.entity_id = entities.id
            and cursors.dataset = 'gl_transactions'
            and fetched.started_at > coalesce(entities.reset_at, '-infinity')
    ) as fetched_since_reset
from entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
left join lateral app.last_end(entities.id) as last_end on true
