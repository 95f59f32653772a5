-- Purpose: the connections whose list of administrations is to be read now: somebody asked, or an entity was
-- not found and the last look is long enough ago.
-- Grain: connection that works.
select
    integrations.id,
    integrations.provider,
    integrations.connected_at
from app.integration as integrations
where
    integrations.state = 'connected'
    and integrations.credentials is not null
    and integrations.provider = any(%(connectors)s::text[])
    and (
        integrations.administrations_asked_at > coalesce(integrations.administrations_read_at, '-infinity')
        or (
            coalesce(integrations.administrations_looked_at, '-infinity') < clock_timestamp() - %(every)s
            and exists (
                select from app.entity as entities
                where entities.integration_id = integrations.id and entities.status = 'Not found'
            )
        )
    )
order by integrations.id
