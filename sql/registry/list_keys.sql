-- Purpose: what may be shown of the keys of the web hook.
-- Grain: key.
select
    keys.id,
    keys.public_id,
    organisations.name as organisation,
    keys.created_at,
    keys.revoked_at
from app.hook_key as keys
inner join app.organisation as organisations on keys.organisation_id = organisations.id
order by organisations.name, keys.id
