-- Purpose: who pays, and who is told when something is wrong.
-- Grain: organisation.
select
    organisations.id,
    organisations.name,
    organisations.subscription,
    organisations.subscription_read_at,
    organisations.billing_customer,
    organisations.alert_email,
    organisations.alert_url,
    count(entities.id) as entities
from app.organisation as organisations
left join app.entity as entities
    on organisations.id = entities.organisation_id and entities.status = 'Active'
group by organisations.id
order by organisations.id
