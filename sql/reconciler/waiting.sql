-- Purpose: the imports whose run is on its way, which the reconciler follows in turn.
-- Grain: import that waits: launched, or being launched by someone. Those after an id, then from the first
-- again.
with waiting as (
    select
        id,
        entity_id,
        organisation_id,
        trigger,
        requested_by,
        priority,
        launches,
        launched_run_id,
        launched_priority,
        coalesce(launched_at > clock_timestamp() - %(claim_holds)s, false) as claimed
    from app.import
    where started_at is null and finished_at is null
),

looked_at as (
    select *
    from waiting
    where (claimed or launched_run_id is not null) and coalesce(priority <= launched_priority, true)
    order by
        id <= %(after)s,
        id
    limit %(most)s
)

select
    looked_at.id,
    looked_at.entity_id,
    looked_at.organisation_id,
    entities.key as entity_key,
    looked_at.priority,
    looked_at.trigger = 'scheduled' as by_schedule,
    coalesce(looked_at.requested_by, looked_at.trigger) as requested_by,
    looked_at.launches,
    looked_at.launched_run_id,
    looked_at.launched_priority,
    looked_at.claimed,
    exists(
        select from app.import as started
        where
            started.entity_id = looked_at.entity_id
            and started.started_at is not null
            and started.finished_at is null
    ) as running
from looked_at
inner join app.entity as entities on looked_at.entity_id = entities.id
order by
    looked_at.id <= %(after)s,
    looked_at.id
