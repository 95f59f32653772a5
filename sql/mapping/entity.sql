-- Purpose: an entity as its mapping names it: the structure that it is read by now, its primary axis, and how
-- far its figures run.
-- Grain: entity that was not removed.
-- Invariants: month is null where no figures were published. last_change: the newest change of its mapping; a
-- page that was made before a newer one shows choices that are no longer so.
select
    entities.id,
    entities.key,
    entities.name,
    entities.currency,
    coalesce(entities.primary_axis, '') as axis,
    structures.id as structure_id,
    structures.name as structure,
    (
        select max(months.month)
        from mapped.fiscal_month as months
        where months.entity_id = entities.id
    ) as month,
    coalesce(
        (select max(changes.id) from app.chosen_line_change as changes where changes.entity_id = entities.id),
        0
    ) as last_change,
    published.counts -> 'marts' as counts
from app.entity as entities
inner join app.reporting_structure as structures
    on structures.id = coalesce(
        entities.structure_id,
        (select id from app.reporting_structure where country = entities.country),
        (select id from app.reporting_structure where country is null)
    )
left join app.import as published on entities.figures_import_id = published.id
where entities.key = %(key)s and entities.status <> 'Deleted'
