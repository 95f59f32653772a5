-- Purpose: what a message that was accepted before asked for.
-- visible: the entity of that import was not removed since.
select
    requests.import_id,
    requests.body_hash,
    entities.id is not null as visible
from app.hook_request as requests
left join app.import as imports on requests.import_id = imports.id
left join app.entity as entities on imports.entity_id = entities.id
where requests.organisation_id = %(organisation_id)s and requests.message_id = %(message_id)s
