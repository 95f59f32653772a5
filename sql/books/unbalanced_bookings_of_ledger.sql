-- Purpose: the same as unbalanced_bookings.sql, for a delivery into an empty ledger: it touched all.
select
    booking,
    min(booking_date) as booking_date,
    sum(amount) as balance
from raw.gl_transaction
where entity_id = %(entity_id)s and booking is not null
group by booking
having sum(amount) <> 0
order by booking_date, booking
limit 101
