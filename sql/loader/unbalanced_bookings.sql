-- Purpose: journal entries of this delivery whose lines do not add up to zero.
-- Inputs: the ledger after the delivery, because a delivery may hold only part of a booking.
select
    booking,
    min(booking_date) as booking_date,
    sum(amount) as balance
from raw.gl_transaction
where
    entity_id = %(entity_id)s
    and booking in (select booking from stage where operation = 'l')
group by booking
having sum(amount) <> 0
order by booking_date, booking
limit 101
