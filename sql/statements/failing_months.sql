-- Purpose: the months in which checks of an entity's published figures fail.
-- Grain: code and month.
select distinct
    code,
    month
from marts.validation
where entity_id = %(entity_id)s and month is not null
order by code, month
