-- Purpose: an account that lines use but no list names gets a flagged row; its lines are never dropped.
-- Inputs: the stage where every line that was written is in it, and few are (staged); else the balances.
insert into raw.account (entity_id, code, name, placeholder)
select
    %(entity_id)s,
    used.account_code,
    used.account_code,
    true
from (
    select account_code
    from raw.month_balance
    where entity_id = %(entity_id)s and not %(staged)s
    union
    select account_code
    from stage
    where operation = 'l' and %(staged)s
) as used
on conflict do nothing
