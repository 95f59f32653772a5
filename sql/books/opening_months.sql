-- Purpose: the months of an entity's ledger that hold opening entries, as their source calls them.
-- Grain: month.
select distinct month
from raw.month_balance
where entity_id = %(entity_id)s and opening
order by month
