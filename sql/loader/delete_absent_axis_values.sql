-- Purpose: an axis value that the whole list no longer names goes, unless lines still use it.
delete from raw.axis_value
where
    entity_id = %(entity_id)s
    and jsonb_build_array(axis, code) <> all(%(keys)s::jsonb[])
    and not exists (
        select from raw.axis_combination as used
        where
            used.entity_id = %(entity_id)s
            and used.axis_values @> jsonb_build_object(axis_value.axis, axis_value.code)
    )
