-- Purpose: bookings of months that are probably mistyped, so that a question can name them.
-- Grain: ledger line, the first hundred.
select
    booking_date,
    account_code,
    amount,
    coalesce(nullif(description, ''), booking, '') as description
from raw.gl_transaction
where
    entity_id = %(entity_id)s
    and exists (
        select from unnest(%(months)s::date[]) as months (month)
        where
            gl_transaction.booking_date >= months.month
            and gl_transaction.booking_date < months.month + interval '1 month'
    )
order by booking_date, external_id
limit 100
