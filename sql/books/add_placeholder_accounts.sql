-- Purpose: an account that lines use but no list names gets a flagged row; its lines are never dropped.
insert into raw.account (entity_id, code, name, placeholder)
select distinct
    entity_id,
    account_code,
    account_code,
    true
from raw.month_balance
where entity_id = %(entity_id)s
on conflict do nothing
