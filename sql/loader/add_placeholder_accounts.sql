-- Purpose: an account that lines use but no list names gets a flagged row; its lines are never dropped.
insert into raw.account (entity_id, code, name, placeholder)
select distinct
    %(entity_id)s::bigint,
    account_code,
    account_code,
    true
from stage
where operation = 'l'
on conflict do nothing
