-- Purpose: who imports at night.
-- Grain: entity that is active, of an organisation that pays.
select entities.key
from app.entity as entities
inner join app.organisation as organisations on entities.organisation_id = organisations.id
where
    entities.status = 'Active'
    and organisations.subscription in ('active', 'trialing')
order by entities.id
