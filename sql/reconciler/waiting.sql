-- Purpose: the imports that the reconciler looks at in a round.
-- Grain: import that waits. Pressing ones have no run yet that is known, or were moved to the front since.
-- Invariants: what someone is launching, or the schedule still queues, is not pressing. The schedule is at
-- work on a tick, however long that takes, while runs of its own appear; those that were launched here tell
-- nothing of it. When the tick should have been does not count either: one that was missed is made up.
with ticks as (
    select
        tick,
        max(
            greatest(requested_at, case when launches = 0 then greatest(launched_at, started_at) end)
        ) as moved_at
    from app.import
    where finished_at is null and tick is not null
    group by tick
),

waiting as (
    select
        id,
        entity_id,
        priority,
        waits.tick,
        launches,
        launched_run_id,
        launched_priority,
        (
            trigger <> 'scheduled'
            or waits.tick is null
            or moved_at < clock_timestamp() - %(schedule_holds)s
        ) as due,
        coalesce(launched_at > clock_timestamp() - %(claim_holds)s, false) as claimed
    from app.import as waits
    left join ticks on waits.tick = ticks.tick
    where started_at is null and finished_at is null
),

looked_at as (
    select *
    from waiting
    where
        %(pressing)s = (
            (due and not claimed and launched_run_id is null) or coalesce(priority > launched_priority, false)
        )
    order by
        case when %(pressing)s then -priority end,
        id <= %(after)s,
        id
    limit %(most)s
)

select
    looked_at.id,
    entities.key as entity_key,
    looked_at.priority,
    looked_at.tick,
    looked_at.launches,
    looked_at.launched_run_id,
    looked_at.launched_priority,
    looked_at.due,
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
