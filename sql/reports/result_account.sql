-- Purpose: the account that takes the results of an entity's years; null where none is set.
-- Grain: entity.
select result_account
from app.entity
where id = %(entity_id)s
