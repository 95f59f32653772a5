-- Purpose: the history of some entities without old imports that say no more than the one before them.
-- Grain: import that is deleted, with its findings and what came of its tie-out; so many at most.
-- Invariants: an import stays that is young, that waits or runs, that is among the latest of its outcome,
-- that changed ledger lines (they name it), that a person asked for, that ended otherwise than the one
-- before it, that was the last of its day, that published the figures, committed or compared the books last,
-- that was to fetch all since the last reset, or that any row refers to. What goes ended as the one before
-- it: in whatever order, and however few go at once, the same remain.
with ends as (
    select
        imports.id,
        imports.entity_id,
        imports.trigger,
        imports.mode,
        imports.started_at,
        imports.finished_at,
        imports.raw_committed_at,
        imports.counts,
        imports.outcome,
        imports.error_code,
        imports.cures,
        lag(imports.outcome) over in_time as outcome_before,
        lag(imports.error_code) over in_time as code_before,
        lag(imports.cures) over in_time as cures_before,
        (imports.finished_at at time zone 'Europe/Brussels')::date as day,
        (lead(imports.finished_at) over in_time at time zone 'Europe/Brussels')::date as day_after,
        row_number() over (
            partition by imports.entity_id, imports.outcome, imports.cures
            order by imports.finished_at desc, imports.id desc
        ) as from_the_last,
        max(imports.raw_committed_at) over (partition by imports.entity_id) as books_at,
        max(ties.import_id) over (partition by imports.entity_id) as tied_last
    from app.import as imports
    left join raw.tie_out as ties
        on imports.entity_id = ties.entity_id and imports.id = ties.import_id
    where imports.entity_id = any(%(entities)s) and imports.finished_at is not null
    window in_time as (partition by imports.entity_id order by imports.finished_at, imports.id)
),

spent as materialized (
    select
        ends.id,
        ends.entity_id
    from ends
    inner join app.entity as entities on ends.entity_id = entities.id
    where
        ends.finished_at < %(before)s
        and ends.trigger = any(%(unattended)s)
        and ends.outcome = ends.outcome_before
        and ends.error_code is not distinct from ends.code_before
        and ends.cures = ends.cures_before
        and ends.day = ends.day_after
        and ends.from_the_last > %(latest)s
        and coalesce(ends.raw_committed_at < ends.books_at, true)
        and ends.id is distinct from ends.tied_last
        and ends.id is distinct from entities.figures_import_id
        and not coalesce(ends.mode = 'full' and ends.started_at > entities.reset_at, false)
        and (
            ends.raw_committed_at is null
            or coalesce((ends.counts ->> 'new')::bigint, 0)
            + coalesce((ends.counts ->> 'changed')::bigint, 0)
            + coalesce((ends.counts ->> 'deleted')::bigint, 0) = 0
        )
        and not exists (select from app.cursor where cursor.import_id = ends.id)
        and not exists (select from app.accepted_imbalance as accepted where accepted.import_id = ends.id)
        and not exists (select from app.upload where upload.import_id = ends.id)
        and not exists (select from app.upload where upload.begun_by = ends.id)
        and not exists (select from app.alert where alert.import_id = ends.id)
        and not exists (select from app.hook_request where hook_request.import_id = ends.id)
    order by ends.entity_id, ends.id
    limit %(most)s
),

findings as (
    delete from app.finding
    using spent
    where finding.import_id = spent.id
),

ties as (
    delete from raw.tie_out
    using spent
    where tie_out.entity_id = spent.entity_id and tie_out.import_id = spent.id
)

delete from app.import as imports
using spent
where imports.id = spent.id and imports.entity_id = spent.entity_id
returning imports.id
