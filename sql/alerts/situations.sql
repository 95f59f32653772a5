-- Purpose: what decides about alerts, of every entity about which there may be something to decide.
-- Grain: entity whose last imports did not all succeed, that has an open alert, or whose figures are old.
-- Invariants: the last ends are those that count (0013). An import that is canceled without a code was
-- someone's wish, no failure. Figures are late where they should be younger: an organisation that pays and
-- whose waiting imports follow that, a connection that works; ledger files come when someone sends them. They
-- are awaited, not late, while an import was just asked for.
with facts as (
    select
        entities.id as entity_id,
        entities.organisation_id,
        entities.status = 'Deleted' as deleted,
        coalesce(entities.figures_at, entities.created_at) > %(fresh_after)s as fresh,
        entities.status = 'Active'
        and organisations.subscription = any(%(paying)s)
        and coalesce(organisations.subscription_applied, organisations.subscription) = any(%(paying)s)
        and integrations.state = 'connected'
        and integrations.provider <> 'file' as watched,
        exists(
            select from app.import as asked
            where
                asked.entity_id = entities.id
                and asked.finished_at is null
                and asked.requested_at > %(asked_after)s
        ) as asked
    from app.entity as entities
    inner join app.organisation as organisations on entities.organisation_id = organisations.id
    inner join app.integration as integrations on entities.integration_id = integrations.id
),

-- What is asked of each entity is asked beside it: a join of two results would read one again for each row of
-- the other where statistics are late.
glances as (
    select
        facts.entity_id,
        facts.organisation_id,
        facts.deleted,
        facts.fresh,
        facts.watched and not facts.fresh and not facts.asked as late,
        facts.watched and not facts.fresh and facts.asked as awaited,
        bool_or(latest.outcome <> 'succeeded') as suspect
    from facts
    left join lateral (
        select outcome
        from app.counted_end
        where counted_end.entity_id = facts.entity_id
        order by finished_at desc
        limit %(glanced_at)s
    ) as latest on true
    group by
        facts.entity_id, facts.organisation_id, facts.deleted, facts.fresh, facts.watched, facts.asked
),

candidates as (
    select
        glances.*,
        alerts.id as alert_id,
        alerts.cause as alert_cause,
        told.finished_at as alert_since
    from glances
    left join lateral (
        select *
        from app.alert
        where entity_id = glances.entity_id and closed_at is null
        offset 0
    ) as alerts on true
    left join lateral (
        select finished_at
        from app.import
        where id = alerts.import_id
        offset 0
    ) as told on true
    where alerts.id is not null or glances.suspect or glances.late
)

select
    candidates.entity_id,
    candidates.organisation_id,
    candidates.deleted,
    candidates.fresh,
    candidates.late,
    candidates.awaited,
    candidates.alert_id,
    candidates.alert_cause,
    candidates.alert_since,
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'import_id', latest.import_id,
                'at', latest.finished_at,
                'code',
                case when latest.outcome <> 'succeeded' then coalesce(latest.error_code, 'our_fault') end,
                'message', coalesce(latest.error_message, '')
            )
            order by latest.finished_at, latest.import_id
        ) filter (where latest.outcome <> 'canceled' or latest.error_code is not null),
        '[]'
    ) as ended
from candidates
left join lateral (
    select
        import_id,
        finished_at,
        outcome,
        error_code,
        error_message
    from app.counted_end
    where counted_end.entity_id = candidates.entity_id
    order by finished_at desc
    limit %(looked_at)s
) as latest on true
group by
    candidates.entity_id,
    candidates.organisation_id,
    candidates.deleted,
    candidates.fresh,
    candidates.late,
    candidates.awaited,
    candidates.alert_id,
    candidates.alert_cause,
    candidates.alert_since
order by candidates.entity_id
