-- Purpose: remember an imbalance that someone accepted, so that only a change of it is news.
insert into app.accepted_imbalance (entity_id, fiscal_year_start, amount, import_id)
values (%(entity_id)s, %(fiscal_year_start)s, %(amount)s, %(import_id)s)
on conflict (entity_id, fiscal_year_start) do update set
    amount = excluded.amount, import_id = excluded.import_id
