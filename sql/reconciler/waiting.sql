-- Purpose: the imports that the reconciler looks at in a round.
-- Grain: import that waits. Pressing ones have no run yet that is known, or were moved to the front since.
-- Invariants: what someone is launching is not pressing.
with waiting as (
    select
        id,
        entity_id,
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
    where
        %(pressing)s = (
            (not claimed and launched_run_id is null) or coalesce(priority > launched_priority, false)
        )
    order by
        case when %(pressing)s then -priority end,
        id <= %(after)s,
        id
    limit %(most)s
)

select
    looked_at.id,
    looked_at.entity_id,
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
    case when %(pressing)s then -looked_at.priority end,
    looked_at.id <= %(after)s,
    looked_at.id
