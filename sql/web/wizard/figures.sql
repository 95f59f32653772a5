-- Purpose: what someone should look at in the figures that an import published, the first thousand.
-- Invariants: nothing once a later import published others; what was found before and still holds is told.
select
    validations.code,
    validations.subject,
    validations.fiscal_year_start,
    validations.month,
    validations.expected,
    validations.found,
    validations.number,
    validations.parts,
    validations.message
from app.entity as entities
inner join marts.validation as validations on entities.id = validations.entity_id
where entities.id = %(entity_id)s and entities.figures_import_id = %(import_id)s
order by validations.code, validations.fiscal_year_start, validations.month, validations.subject
limit 1000
