-- Purpose: axis values as a source tells them.
-- Grain: one row a value, of arrays of axes, codes and names; in the order of axes and codes.
insert into raw.axis_value as target (entity_id, axis, code, name)
select
    %(entity_id)s,
    told.axis,
    told.code,
    told.name
from unnest(%(axes)s::text[], %(codes)s::text[], %(names)s::text[]) as told (axis, code, name)
on conflict (
    entity_id, axis, code) do update set name = excluded.name
where target.name is distinct from excluded.name
