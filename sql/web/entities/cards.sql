-- Purpose: what the cards of the Entities page show of entities and of their last imports.
-- Grain: entity of the tenant; one of them where a key is given.
-- Invariants: the last import is the one that ended last and cures what failed before it; one that waited
-- may end after one that was asked for later.
select
    entities.id,
    entities.key,
    entities.name,
    entities.status as entity_status,
    entities.figures_at,
    organisations.subscription,
    organisations.subscription_read_at,
    integrations.provider,
    integrations.state as connection,
    ended.id as ended_id,
    ended.run_id as ended_run_id,
    ended.trigger as ended_trigger,
    ended.mode as ended_mode,
    ended.outcome,
    ended.counts,
    ended.error_code,
    ended.error_message,
    ended.error_fields,
    ended.started_at as ended_started_at,
    ended.finished_at as ended_at,
    entities.reset_by,
    entities.reset_at is not null
    and not exists (
        select from app.cursor as cursors
        inner join app.import as fetched on cursors.import_id = fetched.id
        where
            cursors.entity_id = entities.id
            and cursors.dataset = 'gl_transactions'
            and fetched.started_at > entities.reset_at
    ) as reset_waits
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
left join lateral (
    select *
    from app.import
    where entity_id = entities.id and outcome in ('succeeded', 'failed') and cures
    order by finished_at desc
    limit 1
) as ended on true
where
    entities.status <> 'Deleted'
    and (%(key)s::text is null or entities.key = %(key)s)
order by lower(entities.name), entities.key
