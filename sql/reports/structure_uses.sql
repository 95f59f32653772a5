-- Purpose: what stands in the way of deleting a structure of an organisation, and what goes with it.
-- Grain: one row.
-- Inputs: app.entity, app.chosen_line, mapped.account_line.
-- Invariants: assigned are the entities that are on it; shown are those whose figures were made by it and not
-- made anew since; both hold keys. Of what people placed, the places count, not their history.
with structure as (
    select
        id,
        organisation_id
    from app.reporting_structure
    where id = %(structure_id)s
)

select
    array(
        select entities.key from app.entity as entities
        where entities.structure_id = structure.id
        order by entities.key
    ) as assigned,
    array(
        select entities.key
        from app.entity as entities
        inner join mapped.account_line as accounts
            on entities.id = accounts.entity_id and accounts.account_code = '(result)'
        where
            entities.organisation_id = structure.organisation_id
            and accounts.structure_id = structure.id
        order by entities.key
    ) as shown,
    (select count(*) from app.chosen_line where structure_id = structure.id) as placed
from structure
