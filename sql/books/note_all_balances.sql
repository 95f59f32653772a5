-- Purpose: note that any month balance may differ from the published one.
insert into raw.changed_balance (entity_id, account_code, month, axis_combination, opening)
values (%(entity_id)s, '', '-infinity', 0, false)
on conflict do nothing
