-- Purpose: remember an imbalance that someone accepted, so that only a change of it is news.
insert into app.accepted_imbalance (entity_id, scope, amount, import_id)
values (%(entity_id)s, %(scope)s, %(amount)s, %(import_id)s)
on conflict (entity_id, scope) do update set
    amount = excluded.amount, import_id = excluded.import_id
