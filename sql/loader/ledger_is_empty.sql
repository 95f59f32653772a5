-- Purpose: whether the entity has no line yet.
select not exists (select from raw.month_balance where entity_id = %(entity_id)s) as empty
