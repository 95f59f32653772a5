-- Purpose: a reset that could not be done: withdrawn, or asked anew where an answer lets it pass.
-- Invariants: the files that the same import loads afterwards are not what was asked for: an import that
-- started before a reset does not do it.
update app.entity
set
    reset_at = case when %(asked_anew)s then clock_timestamp() end,
    reset_by = case when %(asked_anew)s then reset_by end
where id = %(entity_id)s
