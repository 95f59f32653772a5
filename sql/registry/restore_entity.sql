-- Purpose: an entity is back as it was; whether its administration is there, its next import finds out.
update app.entity
set
    status = 'Active',
    removed_at = null,
    removed_by = null
where id = %(entity_id)s and status = 'Deleted'
