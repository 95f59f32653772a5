-- Purpose: the connections to accounting software, without their credentials.
-- Grain: connection; those of ledger files, and what never had credentials, are left out. used_at: when
-- something was last fetched through it, or its administrations were read.
-- Inputs: connection_id: the one that is asked for, null for all.
select
    integrations.id,
    organisations.name as organisation,
    integrations.organisation_id,
    integrations.provider,
    integrations.label,
    integrations.state,
    integrations.state_since,
    integrations.connected_at,
    integrations.connected_by,
    integrations.administrations_read_at,
    coalesce(
        integrations.administrations_asked_at
        > coalesce(integrations.administrations_read_at, '-infinity'),
        false
    ) as reading,
    greatest(max(listed.ended_at), integrations.administrations_read_at) as used_at,
    count(entities.id) as entities,
    count(entities.id) filter (where entities.status = 'Active') as importing
from app.integration as integrations
inner join app.organisation as organisations on integrations.organisation_id = organisations.id
left join app.entity as entities on integrations.id = entities.integration_id
left join app.listing as listed on entities.id = listed.entity_id
where
    integrations.provider <> 'file'
    and integrations.was_connected
    and (%(connection_id)s::numeric is null or integrations.id = %(connection_id)s)
group by integrations.id, organisations.id
order by organisations.name, integrations.id
