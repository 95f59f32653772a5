-- Purpose: the month balances of a ledger that was empty before.
-- Grain: as raw.month_balance.
insert into raw.month_balance (
    entity_id, account_code, month, axis_combination, opening, debit, credit, lines
)
select
    %(entity_id)s,
    account_code,
    date_trunc('month', booking_date::timestamp)::date,
    axis_combination,
    opening,
    coalesce(sum(amount) filter (where amount > 0), 0),
    coalesce(-sum(amount) filter (where amount < 0), 0),
    count(*)
from raw.gl_transaction
where entity_id = %(entity_id)s
group by 2, 3, 4, 5
