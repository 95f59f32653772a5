-- Purpose: the night as it would be now: which entities are due at a tick, and why the others are not.
-- Grain: entity that was not removed. reason is null where it is due. Reads only: who evaluates the schedule
-- writes nothing.
-- Invariants: the same as the gate (lifecycle/eligibility.py) asks of an import that nobody asked for, except
-- that an entity whose import runs is due: its next one waits. One that waits keeps that import, and where
-- the import of an earlier tick still runs, that night is late and this tick asks for nothing more.
select
    entities.id,
    entities.key,
    organisations.name as organisation,
    case
        when organisations.subscription <> all(%(paying)s)
            then 'subscription ' || replace(organisations.subscription, '_', ' ')
        when organisations.subscription_read_at < %(verified_since)s then 'subscription not verified'
        when entities.status <> 'Active' then 'entity ' || lower(entities.status)
        when integrations.state <> 'connected' then integrations.state
        when integrations.provider <> all(%(importable)s) then 'no connector'
        when integrations.provider = 'file' and not app.has_ledger_file(entities.id) then 'no ledger file'
        when exists (
            select from app.import as asked
            where
                asked.entity_id = entities.id
                and (
                    (asked.started_at is null and asked.finished_at is null) or asked.tick = %(tick)s
                )
        ) then 'asked for already'
        when exists (
            select from app.import as late
            where
                late.entity_id = entities.id
                and late.tick is not null
                and late.started_at is not null
                and late.finished_at is null
                and late.lease_until > clock_timestamp()
        ) then 'imported at this moment by the night before'
    end as reason
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where entities.status <> 'Deleted'
order by entities.id
