-- Purpose: what the header of an entity's reports says, and the first and the last month that they know;
-- none of one that was removed.
select
    entities.name,
    entities.currency,
    entities.result_account,
    min(months.month) as first,
    max(months.month) as last
from app.entity as entities
left join mapped.fiscal_month as months on entities.id = months.entity_id
where entities.key = :entity and entities.status <> 'Deleted'
group by entities.id
