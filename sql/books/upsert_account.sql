-- Purpose: an account as a source tells it; a type that is not told is kept.
insert into raw.account as target (entity_id, code, name, type)
values (%(entity_id)s, %(code)s, %(name)s, %(type)s)
on conflict (entity_id, code) do update set
    name = excluded.name,
    type = coalesce(excluded.type, target.type),
    placeholder = false
where
(target.name, target.type, target.placeholder)
is distinct from (excluded.name, coalesce(excluded.type, target.type), false)
