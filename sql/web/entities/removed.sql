-- Purpose: what the Entities page tells of entities that were removed: that they are, since when, by whom.
-- Grain: removed entity of the tenant, the latest first; as many as a page shows.
select
    removed.key,
    removed.name,
    removed.removed_at,
    removed.removed_by
from app.removed_entities() as removed
order by removed.removed_at desc nulls last, removed.key asc
limit %(most)s
