-- Purpose: the months that have lines.
-- Grain: month.
select distinct month
from raw.month_balance
where entity_id = %(entity_id)s
order by month
