-- Purpose: the entities that are partitions in Dagster; a lapsed subscription keeps its history.
-- Grain: entity.
select key
from app.entity
where status = 'Active'
order by id
