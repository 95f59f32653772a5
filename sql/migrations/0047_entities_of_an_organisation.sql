-- Purpose: an entity is found by its key or its id, never among all of its organisation.

-- Where organisations had one entity each when statistics were taken, an organisation's index seemed as good
-- as a unique one to the planner, and the card of one of 4,000 entities that came since read them all. Of
-- organisations it now takes there to be fifty times fewer than entities; analyze makes it so.
alter table app.entity alter column organisation_id set (n_distinct = -0.02);
analyze app.entity;
