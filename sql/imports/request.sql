-- Purpose: ask for an import. One that already waits for the entity is the one that is meant.
insert into app.import as waiting (entity_id, trigger, requested_by, mode, options)
values (%(entity_id)s, %(trigger)s, %(requested_by)s, %(mode)s, %(options)s)
on conflict (entity_id) where started_at is null and finished_at is null do update
    set
        trigger = excluded.trigger,
        requested_by = excluded.requested_by,
        mode = case when waiting.mode = 'full' then 'full' else excluded.mode end,
        options = waiting.options || excluded.options
returning id
