-- Purpose: the lines of the structure that an entity is read by stay as they are until the transaction ends.
-- Grain: structure that it may be read by: the chosen one and the templates of countries.
-- Invariants: whoever writes lines of a structure locks it for update, and waits.
select structures.id
from app.reporting_structure as structures
inner join app.entity as entities
    on
        structures.id = entities.structure_id
        or (entities.structure_id is null and structures.organisation_id is null)
where entities.id = %(entity_id)s
order by structures.id
for share of structures
