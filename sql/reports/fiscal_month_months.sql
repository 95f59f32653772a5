-- Purpose: the months that have lines, and whether opening entries are among them.
-- Grain: month.
select
    month,
    bool_or(opening) as opening
from marts.balance_month
where entity_id = %(entity_id)s
group by month
order by month
