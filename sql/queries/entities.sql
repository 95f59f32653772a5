-- Purpose: every entity with the facts that its status is made of.
-- Grain: entity.
-- Invariants: the last import is the one that ended last, as on the cards of the page.
select
    entities.key,
    entities.name,
    organisations.name as organisation,
    organisations.subscription,
    integrations.provider,
    entities.status as entity_status,
    entities.figures_at,
    last_finished.outcome as last_outcome,
    last_finished.error_code,
    last_finished.error_message,
    last_finished.error_fields,
    exists(
        select from app.import as waiting
        where
            waiting.entity_id = entities.id
            and waiting.started_at is null
            and waiting.finished_at is null
    ) as waiting,
    running.lease_until > clock_timestamp() as lease_alive
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
left join app.import as running
    on
        entities.id = running.entity_id
        and running.started_at is not null
        and running.finished_at is null
left join lateral (
    select
        outcome,
        error_code,
        error_message,
        error_fields
    from app.import
    where entity_id = entities.id and outcome in ('succeeded', 'failed') and cures
    order by finished_at desc
    limit 1
) as last_finished on true
order by entities.id
