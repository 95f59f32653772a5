-- Purpose: what a tick of the schedule came to, written once; and whether an entity that is imported from
-- files has one to import.

-- Grain: tick of the schedule that really came. Who only looks at what a tick would ask for writes none.
create table app.night (
    tick timestamptz primary key,
    written_at timestamptz not null default clock_timestamp(),
    asked_for integer not null,
    skipped jsonb not null
);

insert into app.night (tick, written_at, asked_for, skipped)
select
    tick,
    min(requested_at),
    count(*),
    '{}'
from app.import
where tick is not null
group by tick;

-- A file waits, the one that was settled last came in, or one came in and is not in the figures yet, because
-- its import ended before. The first import of an entity without any file, and the night after a file that
-- was refused, would have nothing to import.
create function app.has_ledger_file(wanted bigint) returns boolean
language sql stable
as $$
    select exists (
        select from app.upload as uploads
        where
            uploads.entity_id = wanted
            and (
                uploads.state = 'waiting'
                or (
                    uploads.state = 'applied'
                    and (
                        not exists (
                            select from app.upload as refused
                            where
                                refused.entity_id = wanted
                                and refused.state = 'refused'
                                and refused.import_id >= uploads.import_id
                        )
                        or not exists (
                            select
                            from app.entity as entities
                            inner join app.import as published on entities.figures_import_id = published.id
                            where
                                entities.id = wanted
                                and published.marts_committed_at >= uploads.settled_at
                        )
                    )
                )
            )
    )
$$;
