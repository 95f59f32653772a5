-- Purpose: the structures that an entity can be read by, and which of them it is read by.
-- Grain: template, and structure of the entity's organisation.
-- Inputs: app.reporting_structure, app.report_line, app.entity, mapped.account_line.
-- Invariants: lines are those of the structure's file; entities are those that are on it, by choice or by
-- their country. is_default: the one of the entity's country; is_used: the one that its next import reads it
-- by; is_shown: the one that its figures are by.
with defaults as (
    select
        entities.id,
        coalesce(
            (select id from app.reporting_structure where country = entities.country),
            (select id from app.reporting_structure where country is null)
        ) as structure_id
    from app.entity as entities
    where entities.status <> 'Deleted'
),

used as (
    select
        entities.id,
        coalesce(entities.structure_id, defaults.structure_id) as structure_id
    from app.entity as entities
    inner join defaults on entities.id = defaults.id
)

select
    structures.id,
    structures.name,
    structures.organisation_id is not null as own,
    (
        select count(*) from app.report_line as lines
        where
            lines.structure_id = structures.id
            and coalesce(lines.role, '') not in ('unmapped', 'result_carried_forward')
    ) as lines,
    (select count(*) from used where used.structure_id = structures.id) as entities,
    structures.id = entity_default.structure_id as is_default,
    structures.id = entity_used.structure_id as is_used,
    exists(
        select from mapped.account_line as accounts
        where
            accounts.entity_id = %(entity_id)s
            and accounts.account_code = '(result)'
            and accounts.structure_id = structures.id
    ) as is_shown
from app.reporting_structure as structures
inner join defaults as entity_default on entity_default.id = %(entity_id)s
inner join used as entity_used on entity_used.id = %(entity_id)s
order by structures.organisation_id nulls last, structures.name
