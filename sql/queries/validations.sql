-- Purpose: what someone should look at in the published figures of an entity.
-- Grain: finding, of a month, a fiscal year or all of the books.
select
    validations.code,
    validations.subject,
    validations.month,
    validations.fiscal_year_start,
    validations.expected,
    validations.found,
    validations.message
from marts.validation as validations
inner join app.entity as entities on validations.entity_id = entities.id
where entities.key = :entity
order by validations.code, validations.fiscal_year_start, validations.month, validations.subject
