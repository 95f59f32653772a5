-- Purpose: accounts as a source tells them; a type that is not told is kept.
-- Grain: one row an account, of arrays of codes, names and types; in the order of their codes.
insert into raw.account as target (entity_id, code, name, type)
select
    %(entity_id)s,
    told.code,
    told.name,
    told.type
from unnest(%(codes)s::text[], %(names)s::text[], %(types)s::text[]) as told (code, name, type)
on conflict (entity_id, code) do update set
    name = excluded.name,
    type = coalesce(excluded.type, target.type),
    placeholder = false
where
(target.name, target.type, target.placeholder)
is distinct from (excluded.name, coalesce(excluded.type, target.type), false)
