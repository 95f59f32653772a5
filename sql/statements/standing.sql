-- Purpose: what stands above every report of an entity: whose figures, of which import, for which months.
-- Grain: entity that was not removed.
-- Invariants: first and last are null where no figures were published. newer: lines were committed after
-- these figures were made, and are in none of them yet. of_older_release: they were published before a
-- release that makes more of them (cash flow, checks by month); the next import makes those.
select
    entities.id,
    entities.key,
    entities.name,
    entities.currency,
    entities.fiscal_year_start,
    coalesce(entities.settings ->> 'fiscal_years', '') as fiscal_years,
    published.id as import_id,
    published.marts_committed_at as published_at,
    months.first,
    months.last,
    structure.structure_id,
    structures.name as structure,
    exists(
        select from app.import as later
        where
            later.entity_id = entities.id
            and later.raw_committed_at > published.marts_committed_at
    ) as newer,
    published.id is not null and published.balances_from is null as of_older_release
from app.entity as entities
left join app.import as published on entities.figures_import_id = published.id
left join mapped.account_line as structure
    on entities.id = structure.entity_id and structure.account_code = '(result)'
left join app.reporting_structure as structures on structure.structure_id = structures.id
cross join
    lateral (
        select
            min(fiscal_month.month) as first,
            max(fiscal_month.month) as last
        from mapped.fiscal_month
        where fiscal_month.entity_id = entities.id
    ) as months
where entities.key = %(key)s and entities.status <> 'Deleted'
