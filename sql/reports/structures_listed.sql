-- Purpose: the structures that there are, for whoever chooses one.
-- Grain: template, or structure of an organisation: of all of them, or of the one that is given.
-- Inputs: app.reporting_structure, app.report_line, app.entity.
-- Invariants: lines are those of the structure's file; entities are those that somebody put on it, not those
-- whose country leads to it, nor those that were removed.
select
    structures.name,
    organisations.name as organisation,
    nullif(structures.country, '') as country,
    structures.organisation_id is null and structures.country is null as otherwise,
    (
        select count(*) from app.report_line as lines
        where
            lines.structure_id = structures.id
            and coalesce(lines.role, '') not in ('unmapped', 'result_carried_forward')
    ) as lines,
    (
        select count(*) from app.entity as entities
        where
            entities.structure_id = structures.id
            and entities.status <> 'Deleted'
            and (
                entities.organisation_id = %(organisation_id)s::bigint
                or %(organisation_id)s::bigint is null
            )
    ) as entities
from app.reporting_structure as structures
left join app.organisation as organisations on structures.organisation_id = organisations.id
where
    structures.organisation_id is null
    or structures.organisation_id = %(organisation_id)s::bigint
    or %(organisation_id)s::bigint is null
order by organisations.name nulls first, structures.name
