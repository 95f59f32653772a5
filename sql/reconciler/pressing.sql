-- Purpose: the imports to launch next, and those to move to the front of Dagster's queue.
-- Grain: import that waits. One to launch has no run yet that is known, and nobody is launching it; one to
-- move has a run, and was given more priority since.
-- Invariants: what was asked for goes before the night, whoever asked (level); an entity's own priority
-- decides within its organisation. At a level organisations take turns: the n-th of one goes with the n-th of
-- the others, each behind the turns that it took lately. What is under way, launched or started by whatever
-- worker, counts against the limits of its connection and of its software; ledger files have none. One whose
-- entity is being imported has no turn until that ends. Of thousands that wait only what orders them is
-- sorted, and the first few hundred are looked at: a connection that is full keeps others back for a while,
-- and for no longer than those few hundred last.
with open as materialized (
    select
        id,
        entity_id,
        organisation_id,
        priority,
        launched_priority,
        round(priority / %(level)s::numeric)::int as level,
        started_at is not null as started,
        started_at is not null
        or launched_run_id is not null
        or coalesce(launched_at > clock_timestamp() - %(claim_holds)s, false) as under_way
    from app.import
    where finished_at is null
),

first_ones as (
    select
        ordered.id,
        ordered.entity_id,
        ordered.level,
        coalesce((%(ahead)s::jsonb ->> (ordered.level || ' ' || ordered.organisation_id))::bigint, 0)
        + ordered.number as turn
    from (
        select
            id,
            entity_id,
            organisation_id,
            level,
            row_number() over (partition by organisation_id, level order by priority desc, id asc) as number
        from open
        where not under_way and level >= %(from_level)s
    ) as ordered
    order by level desc, turn asc, id asc
    limit %(looked_at)s
),

busy as (
    select
        open.entity_id,
        entities.integration_id,
        integrations.provider,
        open.started
    from open
    inner join app.entity as entities on open.entity_id = entities.id
    inner join app.integration as integrations on entities.integration_id = integrations.id
    where open.under_way
),

in_turn as (
    select
        first_ones.id,
        first_ones.level,
        first_ones.turn,
        entities.integration_id,
        integrations.provider,
        (select count(*) from busy where busy.integration_id = entities.integration_id)
        + row_number() over (
            partition by entities.integration_id
            order by first_ones.level desc, first_ones.turn asc, first_ones.id asc
        ) as place
    from first_ones
    inner join app.entity as entities on first_ones.entity_id = entities.id
    inner join app.integration as integrations on entities.integration_id = integrations.id
    where not exists (
        select from app.import as started
        where
            started.entity_id = first_ones.entity_id
            and started.started_at is not null
            and started.finished_at is null
    )
),

of_free_connections as (
    select
        id,
        level,
        turn,
        provider,
        (select count(*) from busy where busy.provider = in_turn.provider)
        + row_number() over (partition by provider order by level desc, turn asc, id asc) as place
    from in_turn
    where provider = 'file' or place <= %(per_connection)s
),

pressing as (
    select
        id,
        level,
        turn
    from of_free_connections
    where provider = 'file' or place <= %(per_provider)s
    union all
    select
        id,
        level,
        0 as turn
    from open
    where not started and under_way and priority > launched_priority
    order by level desc, turn asc, id asc
    limit %(most)s
)

select
    imports.id,
    imports.entity_id,
    imports.organisation_id,
    entities.key as entity_key,
    imports.priority,
    imports.trigger = 'scheduled' as by_schedule,
    coalesce(imports.requested_by, imports.trigger) as requested_by,
    imports.launches,
    imports.launched_run_id,
    imports.launched_priority,
    coalesce(imports.launched_at > clock_timestamp() - %(claim_holds)s, false) as claimed,
    exists(
        select from app.import as started
        where
            started.entity_id = imports.entity_id
            and started.started_at is not null
            and started.finished_at is null
    ) as running
from pressing
cross join lateral (select * from app.import where id = pressing.id offset 0) as imports
inner join app.entity as entities on imports.entity_id = entities.id
order by pressing.level desc, pressing.turn asc, pressing.id asc
