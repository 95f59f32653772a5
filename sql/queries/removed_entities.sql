-- Purpose: the entities that are out of sight, for whoever restores or purges one.
-- Grain: entity that was removed, the last one first.
select
    entities.key,
    entities.name,
    organisations.name as organisation,
    integrations.provider,
    entities.removed_at,
    entities.removed_by,
    exists(
        select from app.purge as begun
        where begun.key = entities.key and begun.finished_at is null
    ) as purge_begun
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where entities.status = 'Deleted'
order by entities.removed_at desc nulls last, entities.key asc
