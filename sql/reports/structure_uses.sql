-- Purpose: who uses a structure of an organisation, what keeps it from being deleted, and what goes with it.
-- Grain: one row.
-- Inputs: app.entity, app.chosen_line, mapped.account_line.
-- Invariants: assigned are the entities that are on it; shown are those whose figures were made by it and not
-- made anew since; removed are those of either kind that are out of sight and may be restored, and among the
-- others there are none of these; all hold keys. Of what people placed, the places count, not their history.
-- The web process sees no removed entity: the function tells it those of its tenant.
with structure as (
    select
        id,
        organisation_id
    from app.reporting_structure
    where id = %(structure_id)s
),

used as (
    select
        entities.key,
        entities.status = 'Deleted' as removed,
        coalesce(entities.structure_id = structure.id, false) as assigned,
        exists(
            select from mapped.account_line as accounts
            where
                accounts.entity_id = entities.id
                and accounts.account_code = '(result)'
                and accounts.structure_id = structure.id
        ) as shown
    from structure
    inner join app.entity as entities on structure.organisation_id = entities.organisation_id
)

select
    array(select used.key from used where used.assigned and not used.removed order by used.key) as assigned,
    array(select used.key from used where used.shown and not used.removed order by used.key) as shown,
    array(
        select used.key from used
        where used.removed and (used.assigned or used.shown)
        union
        select removed.key from app.removed_users_of(%(structure_id)s) as removed (key)
        order by key
    ) as removed,
    (select count(*) from app.chosen_line where structure_id = structure.id) as placed
from structure
