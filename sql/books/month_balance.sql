-- Purpose: the month balances made anew from all lines; cheaper than following most of them.
-- Invariants: nothing is written where nothing changed; no row of another entity is read.
select
    account_code,
    date_trunc('month', booking_date::timestamp)::date as month,
    axis_combination,
    opening,
    coalesce(sum(amount) filter (where amount > 0), 0) as debit,
    coalesce(-sum(amount) filter (where amount < 0), 0) as credit,
    count(*) as lines
from raw.gl_transaction
where entity_id = %(entity_id)s
group by 1, 2, 3, 4
