-- Purpose: the connections to accounting software, without their credentials.
-- Grain: connection; those of ledger files have nothing to connect to and are left out.
select
    integrations.id,
    organisations.name as organisation,
    integrations.provider,
    integrations.state,
    integrations.connected_at,
    count(entities.id) as entities
from app.integration as integrations
inner join app.organisation as organisations on integrations.organisation_id = organisations.id
left join app.entity as entities on integrations.id = entities.integration_id
where integrations.credentials is not null
group by integrations.id, organisations.id
order by organisations.name, integrations.id
