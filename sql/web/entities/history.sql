-- Purpose: the last thirty imports of an entity.
-- Grain: import, the latest first.
select
    imports.id,
    imports.trigger,
    imports.requested_by,
    imports.mode,
    imports.requested_at,
    imports.started_at,
    imports.finished_at,
    imports.outcome,
    imports.error_code,
    imports.error_message,
    imports.error_fields,
    imports.counts,
    imports.lease_until > clock_timestamp() as lease_alive,
    ties.day as tied_day,
    ties.compared,
    ties.differing,
    ties.untold,
    ties.untold_fields
from app.import as imports
inner join app.entity as entities on imports.entity_id = entities.id
left join raw.tie_out as ties
    on imports.entity_id = ties.entity_id and imports.id = ties.import_id
where entities.key = %(key)s
order by imports.id desc
limit 30
