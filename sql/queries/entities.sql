-- Purpose: every entity with the facts that its status is made of.
-- Grain: entity that was not removed.
-- Invariants: the last import is the last end that counts (0013), as on the cards of the page.
select
    entities.key,
    entities.name,
    organisations.name as organisation,
    organisations.subscription,
    integrations.provider,
    entities.status as entity_status,
    entities.figures_at,
    last_end.outcome as last_outcome,
    last_end.error_code,
    last_end.error_message,
    last_end.error_fields,
    exists(
        select from app.import as waiting
        where
            waiting.entity_id = entities.id
            and waiting.started_at is null
            and waiting.finished_at is null
    ) as waiting,
    running.lease_until > clock_timestamp() as lease_alive,
    ties.day as tied_day,
    ties.compared,
    ties.differing,
    ties.untold,
    ties.untold_fields
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
left join app.import as running
    on
        entities.id = running.entity_id
        and running.started_at is not null
        and running.finished_at is null
left join lateral app.last_end(entities.id) as last_end on true
left join lateral (
    select *
    from raw.tie_out
    where tie_out.entity_id = entities.id
    order by tie_out.import_id desc
    limit 1
) as ties on true
where entities.status <> 'Deleted'
order by entities.id
