-- Purpose: what the cards of the Entities page show of entities and of their last imports.
-- Grain: entity of the tenant, of those whose ids are given.
-- Invariants: the last import is the last end that counts (0013), as for the gate. What differs from the
-- software's own trial balance is what the latest import found that compared; its three largest differences.
-- codes: of what the checks of its figures found.
-- published: what the import of the figures that are shown told of the marts.
select
    entities.id,
    entities.key,
    entities.name,
    entities.status as entity_status,
    entities.figures_at,
    (select max(months.month) from mapped.fiscal_month as months where months.entity_id = entities.id)
        as books_until,
    organisations.subscription,
    organisations.subscription_read_at,
    integrations.provider,
    integrations.state as connection,
    case when integrations.was_connected then integrations.id end as connection_id,
    integrations.provider = 'file' and not app.has_ledger_file(entities.id) as lacks_file,
    last_end.import_id as ended_id,
    last_end.run_id as ended_run_id,
    last_end.trigger as ended_trigger,
    last_end.mode as ended_mode,
    last_end.outcome,
    last_end.counts,
    last_end.error_code,
    last_end.error_message,
    last_end.error_fields,
    last_end.started_at as ended_started_at,
    last_end.finished_at as ended_at,
    ties.day as tied_day,
    coalesce(ties.differing, 0) as differing,
    ties.differences,
    checks.codes,
    published.counts -> 'marts' as published,
    entities.reset_by,
    entities.reset_at is not null
    and not exists (
        select from app.cursor as cursors
        inner join app.import as fetched on cursors.import_id = fetched.id
        where
            cursors.entity_id = entities.id
            and cursors.dataset = 'gl_transactions'
            and fetched.started_at > entities.reset_at
    ) as reset_waits
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
inner join app.integration as integrations on entities.integration_id = integrations.id
left join app.import as published on entities.figures_import_id = published.id
left join lateral app.last_end(entities.id) as last_end on true
left join lateral (
    select
        latest.day,
        latest.differing,
        case
            when latest.differing > 0
                then (
                    select
                        jsonb_agg(
                            jsonb_build_object(
                                'account', largest.account_code,
                                'theirs', largest.theirs::text,
                                'ours', largest.ours::text
                            )
                            order by abs(largest.difference) desc, largest.account_code
                        )
                    from (
                        select *
                        from raw.tie_out_difference as differences
                        where
                            differences.entity_id = entities.id
                            and differences.import_id = latest.import_id
                        order by abs(differences.difference) desc, differences.account_code
                        limit 3
                    ) as largest
                )
        end as differences
    from raw.tie_out as latest
    where latest.entity_id = entities.id
    order by latest.import_id desc
    limit 1
) as ties on true
left join lateral (
    select array_agg(distinct validations.code) as codes
    from marts.validation as validations
    where validations.entity_id = entities.id
) as checks on true
where
    entities.status <> 'Deleted'
    and entities.id = any(%(ids)s)
order by lower(entities.name), entities.key
