-- Purpose: the first and the last month that an entity's reports know.
select
    min(months.month) as first,
    max(months.month) as last
from app.entity as entities
left join mapped.fiscal_month as months on entities.id = months.entity_id
where entities.key = :entity
group by entities.id
