-- Purpose: one request or claim of an entity at a time.
-- Invariants: not locked as a key: a load that is under way holds that for its foreign keys, and
-- whoever asks meanwhile must hear that an import runs, not wait for its end.
select id
from app.entity
where key = %(key)s
for no key update
