-- Purpose: the entities whose reports can be read, by name.
-- Grain: entity that was not removed; those after the one that a page ended with, one more than a page.
-- Invariants: first and last are null where no figures were published.
select
    entities.key,
    entities.name,
    entities.currency,
    months.first,
    months.last
from app.entity as entities
cross join
    lateral (
        select
            min(fiscal_month.month) as first,
            max(fiscal_month.month) as last
        from mapped.fiscal_month
        where fiscal_month.entity_id = entities.id
    ) as months
where
    entities.status <> 'Deleted'
    and strpos(lower(entities.name), lower(%(search)s)) > 0
    and (
        %(after)s = ''
        or (lower(entities.name), entities.key) > (
            select
                lower(shown.name),
                shown.key
            from app.entity as shown
            where shown.key = %(after)s
        )
    )
order by lower(entities.name), entities.key
limit %(most)s
