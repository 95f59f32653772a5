-- Purpose: an account that lines use and the whole list no longer names is a placeholder again.
update raw.account
set
    name = code,
    type = null,
    placeholder = true
where
    entity_id = %(entity_id)s
    and code <> all(%(codes)s)
    and (name, placeholder) is distinct from (code, true)
