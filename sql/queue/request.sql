-- Purpose: ask for an import. One that already waits for the entity is the one that is meant; who has
-- more priority than the one that waits moves it to the front.
insert into app.import as waiting (entity_id, trigger, requested_by, mode, options, priority)
values (%(entity_id)s, %(trigger)s, %(requested_by)s, %(mode)s, %(options)s, %(priority)s)
on conflict (entity_id) where started_at is null and finished_at is null do update
    set
        trigger = case
            when excluded.priority >= waiting.priority then excluded.trigger else waiting.trigger
        end,
        requested_by = case
            when excluded.priority >= waiting.priority then excluded.requested_by else waiting.requested_by
        end,
        priority = greatest(waiting.priority, excluded.priority),
        mode = case when waiting.mode = 'full' then 'full' else excluded.mode end,
        options = waiting.options || excluded.options
returning id
