-- Purpose: the alerts that are open, and how far their messages are.
-- Grain: open alert.
select
    entities.key,
    organisations.name as organisation,
    alerts.cause,
    alerts.message,
    alerts.opened_at,
    count(messages.id) filter (where messages.sent_at is null and messages.given_up_at is null) as waiting,
    count(messages.sent_at) as sent,
    count(messages.given_up_at) as given_up,
    max(messages.last_error) as error
from app.alert as alerts
inner join app.entity as entities on alerts.entity_id = entities.id
inner join app.organisation as organisations on alerts.organisation_id = organisations.id
left join app.alert_message as messages on alerts.id = messages.alert_id
where alerts.closed_at is null
group by alerts.id, entities.id, organisations.id
order by alerts.opened_at desc, alerts.id desc
