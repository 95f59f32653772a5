-- Purpose: what remains of entities whose data were deleted.
-- Grain: purge that was finished, the last one first.
select
    purges.key,
    organisations.name as organisation,
    purges.purged_by,
    purges.finished_at as purged_at
from app.purge as purges
inner join app.organisation as organisations on purges.organisation_id = organisations.id
where purges.finished_at is not null
order by purges.finished_at desc, purges.key asc
