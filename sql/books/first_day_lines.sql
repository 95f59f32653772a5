-- Purpose: the lines of some first days, of a ledger or of its fiscal years, that the source does not call
-- opening entries.
-- Grain: ledger line.
-- Inputs: most: how many at most, null for all.
-- Invariants: the condition on the day of the month is that of the index gl_transaction_turn.
select
    external_id,
    booking_date,
    account_code,
    amount,
    booking,
    journal,
    period,
    description
from raw.gl_transaction
where
    entity_id = %(entity_id)s
    and booking_date = any(%(days)s::date[])
    and (extract(day from booking_date) = 1 or extract(day from booking_date + 1) = 1)
    and not opening
order by external_id
limit %(most)s
