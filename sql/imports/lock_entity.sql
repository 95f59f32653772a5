-- Purpose: the entity with what decides whether it may import, locked until the claim is written.
select
    entities.id,
    entities.key,
    entities.name,
    entities.status,
    organisations.subscription,
    integrations.provider,
    integrations.state as connection
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where entities.key = %(key)s
for update of entities
