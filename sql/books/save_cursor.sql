-- Purpose: where the next increment begins; committed with the rows it stands for.
insert into app.cursor (entity_id, dataset, cursor, import_id)
values (%(entity_id)s, %(dataset)s, %(cursor)s, %(import_id)s)
on conflict (entity_id, dataset) do update set
    cursor = excluded.cursor, import_id = excluded.import_id, updated_at = now()
