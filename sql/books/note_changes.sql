-- Purpose: note the month balances whose lines came, changed or went: those too that stay as they are.
insert into raw.changed_balance (entity_id, account_code, month, axis_combination, opening)
select distinct
    %(entity_id)s,
    account_code,
    date_trunc('month', booking_date::timestamp)::date,
    axis_combination,
    opening
from stage_move
on conflict do nothing
