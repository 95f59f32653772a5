-- Purpose: an import that brings nothing is no answer to a file that was refused.
-- Invariants: a success that fetched nothing does not cure while the file that was settled last is a refused
-- one; what that import failed to bring is missing until a file comes in. The status of an entity, its alerts
-- and the gate look at the last end that cures; its history shows every import.
alter table app.import add column cures boolean not null default true;
