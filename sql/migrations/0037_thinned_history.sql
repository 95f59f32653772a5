-- Purpose: old imports that say no more than the one before them are deleted, by one process at a time.
-- Invariants: what refers to an import is found by its index, once for each import that goes
-- (sql/queue/thin_history.sql). There are few accepted imbalances, and one cursor an entity and dataset.
insert into app.turn (task) values ('upkeep');

create index upload_begun_by on app.upload (begun_by) where begun_by is not null;
