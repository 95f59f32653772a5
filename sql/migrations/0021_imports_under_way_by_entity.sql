-- Purpose: the imports that wait or run are found by their entity.
-- Invariants: the index is as short as what is under way, as long as statistics know of none: a planner that
-- prefers it for its shortness must find one import by it, not look through the night's. Statements therefore
-- name the entity of an import beside its id.

drop index app.import_open;

create index import_open on app.import (entity_id) where finished_at is null;
