-- Purpose: what operations watch, as numbers over all tenants; the web process may ask for these sums
-- although it sees no tenant's rows.
-- Invariants: labels are outcomes, error codes and kinds, never names. What has ended counts for a day,
-- so that the cost does not grow with the history.

create index import_finished on app.import (finished_at) where finished_at is not null;

create function app.measures()
returns table (measure text, labels jsonb, value numeric)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    with recent as materialized (
        select
            imports.outcome,
            coalesce(imports.error_code, 'none') as cause,
            extract(epoch from imports.finished_at - imports.started_at) as seconds
        from app.import as imports
        where imports.finished_at > now() - interval '24 hours'
    ),

    open as materialized (
        select
            imports.requested_at,
            imports.started_at is null as waiting,
            imports.lease_until > now() as running
        from app.import as imports
        where imports.finished_at is null
    ),

    entities as materialized (
        select
            case when integrations.provider = 'file' then 'file' else 'provider' end as source,
            entities.figures_at is not null as imported,
            extract(epoch from now() - coalesce(entities.figures_at, entities.created_at)) as age
        from app.entity as entities
        inner join app.organisation as organisations on entities.organisation_id = organisations.id
        inner join app.integration as integrations on entities.integration_id = integrations.id
        where
            entities.status = 'Active'
            and integrations.state = 'connected'
            and organisations.subscription in ('active', 'trialing')
    ),

    fresh as (
        select
            source,
            age,
            case
                when source = 'provider' and age > 26 * 60 * 60 then 'late'
                when imported then 'current'
                else 'never'
            end as figures
        from entities
    )

    select 'finished', jsonb_build_object('outcome', outcomes.name, 'cause', coalesce(recent.cause, 'none')),
        count(recent.outcome)
    from unnest(array['succeeded', 'failed', 'canceled']) as outcomes (name)
    left join recent on outcomes.name = recent.outcome
    group by outcomes.name, recent.cause
    union all
    select 'duration', jsonb_build_object('le', bounds.le), count(recent.seconds)
    from unnest(array[1, 2, 5, 10, 30, 60, 300, 1800, null]) as bounds (le)
    left join recent on bounds.le is null or recent.seconds <= bounds.le
    group by bounds.le
    union all
    select 'duration_sum', '{}', coalesce(sum(seconds), 0) from recent
    union all
    select 'waiting', '{}', count(*) filter (where waiting) from open
    union all
    select 'running', '{}', count(*) filter (where running) from open
    union all
    select 'oldest_waiting', '{}',
        coalesce(extract(epoch from now() - min(requested_at) filter (where waiting)), 0)
    from open
    union all
    select 'entities', jsonb_build_object('source', kinds.source, 'figures', kinds.figures), count(fresh.age)
    from (
        values ('provider', 'current'), ('provider', 'late'), ('provider', 'never'),
            ('file', 'current'), ('file', 'never')
    ) as kinds (source, figures)
    left join fresh on kinds.source = fresh.source and kinds.figures = fresh.figures
    group by kinds.source, kinds.figures
    union all
    select 'oldest_figures', jsonb_build_object('source', kinds.source), coalesce(max(fresh.age), 0)
    from (values ('provider'), ('file')) as kinds (source)
    left join fresh on kinds.source = fresh.source
    group by kinds.source
    union all
    select 'reconciler_silence', '{}', extract(epoch from now() - beat_at) from app.reconciler_beat
$$;

revoke execute on function app.measures() from public;
grant execute on function app.measures() to monitr_web;
