-- Purpose: the lines of the first day of a ledger, where that is no first day of a fiscal year: what they are
-- called may say that a year begins there.
-- Grain: ledger line, as many as any opening has.
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
    and booking_date = %(day)s
    and (extract(day from booking_date) = 1 or extract(day from booking_date + 1) = 1)
    and not opening
order by external_id
limit 20000
