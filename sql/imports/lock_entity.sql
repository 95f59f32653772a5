-- Purpose: the entity with what decides whether it may import, locked until the claim is written.
-- Invariants: not locked as a key: a load that is under way holds that for its foreign keys, and
-- whoever asks meanwhile must hear that an import runs, not wait for its end.
select
    entities.id,
    entities.key,
    entities.name,
    entities.status,
    organisations.subscription,
    integrations.provider,
    integrations.state as connection,
    exists(
        select from app.cursor as cursors
        inner join app.import as fetched on cursors.import_id = fetched.id
        where
            cursors.entity_id = entities.id
            and cursors.dataset = 'gl_transactions'
            and fetched.started_at > coalesce(entities.reset_at, '-infinity')
    ) as fetched_since_reset
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
where entities.key = %(key)s
for no key update of entities
