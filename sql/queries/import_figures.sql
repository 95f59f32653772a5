-- Purpose: what someone should look at in the figures that an import published; nothing once a later import
-- published others.
-- Invariants: what was found before and still holds is told again.
select
    validations.code,
    validations.subject,
    validations.period,
    validations.fiscal_year_start,
    validations.month,
    validations.expected,
    validations.found,
    validations.number,
    validations.parts,
    validations.message
from app.import as imports
inner join app.entity as entities
    on imports.entity_id = entities.id and imports.id = entities.figures_import_id
inner join marts.validation as validations on entities.id = validations.entity_id
where imports.id = :import_id
order by validations.code, validations.fiscal_year_start, validations.month, validations.subject
