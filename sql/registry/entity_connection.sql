-- Purpose: what an import needs to know of an entity's connection.
select
    integrations.id,
    integrations.provider,
    integrations.connected_at,
    entities.administration,
    entities.reset_at,
    cursors.cursor
from app.entity as entities
inner join app.integration as integrations on entities.integration_id = integrations.id
left join app.cursor as cursors on entities.id = cursors.entity_id and cursors.dataset = %(dataset)s
where entities.id = %(entity_id)s
