-- Purpose: what someone should look at in the published figures of an entity.
select
    validations.code,
    validations.subject,
    validations.message
from marts.validation as validations
inner join app.entity as entities on validations.entity_id = entities.id
where entities.key = :entity
order by validations.code, validations.fiscal_year_start, validations.subject
