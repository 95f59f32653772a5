-- Purpose: an axis value as a source tells it.
insert into raw.axis_value as target (entity_id, axis, code, name)
values (%(entity_id)s, %(axis)s, %(code)s, %(name)s)
on conflict (
    entity_id, axis, code) do update set name = excluded.name
where target.name is distinct from excluded.name
