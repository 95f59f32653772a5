-- Purpose: what can be imported through a connection, and what is.
-- Grain: administration that it sees or that an entity is of. visible: it was there when the list was last
-- read. entity_*: of the entity that is imported from it, null where there is none.
with seen as (
    select * from app.administration
    where integration_id = %(connection_id)s
),

imported as (
    select * from app.entity
    where integration_id = %(connection_id)s and status <> 'Deleted'
)

select
    imported.id as entity_id,
    imported.key as entity_key,
    imported.status as entity_status,
    imported.priority,
    seen.id is not null as visible,
    coalesce(imported.administration, seen.id) as id,
    coalesce(seen.name, imported.name) as name,
    coalesce(seen.currency, imported.currency) as currency,
    coalesce(seen.fiscal_year_start, imported.fiscal_year_start) as fiscal_year_start
from seen
full join imported on seen.id = imported.administration
order by lower(coalesce(seen.name, imported.name)), coalesce(imported.administration, seen.id)
