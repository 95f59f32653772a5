-- Purpose: an axis value that lines use and the whole list no longer names is known by its code.
update raw.axis_value
set name = code
where
    entity_id = %(entity_id)s
    and jsonb_build_array(axis, code) <> all(%(keys)s::jsonb[])
    and name <> code
