-- Purpose: the connection of an entity that was purged, with its credentials, where it was the last one.
-- Invariants: with kept, credentials stay; what has none is of no use to anybody.
delete from app.integration
where
    id = %(connection_id)s
    and (credentials is null or not %(kept)s)
    and not exists (select from app.entity where entity.integration_id = integration.id)
returning id
