-- Purpose: what there is of an entity, for whoever is about to remove or purge it.
-- Grain: entity. connection_id: its connection to an accounting software, null for ledger files.
-- alone: no other entity is imported through that connection.
select
    entities.id,
    entities.key,
    entities.name,
    entities.organisation_id,
    entities.status,
    organisations.name as organisation,
    integrations.provider,
    case when integrations.credentials is not null then integrations.id end as connection_id,
    not exists (
        select from app.entity as others
        where others.integration_id = integrations.id and others.id <> entities.id
    ) as alone,
    (select count(*) from app.import where import.entity_id = entities.id) as imports,
    (select count(*) from app.upload where upload.entity_id = entities.id) as files,
    (
        select coalesce(sum(balances.lines), 0)
        from raw.month_balance as balances
        where balances.entity_id = entities.id
    ) as lines,
    exists(
        select from app.import as started
        where
            started.entity_id = entities.id
            and started.started_at is not null
            and started.finished_at is null
    ) as running,
    exists(
        select from app.purge
        where purge.key = entities.key and purge.finished_at is null
    ) as purge_begun
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where entities.key = %(key)s
