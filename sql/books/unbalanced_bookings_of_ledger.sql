-- Purpose: the same as unbalanced_bookings.sql, for a delivery into an empty ledger: it touched all.
with kept as (
    insert into raw.unbalanced_booking (entity_id, booking, booking_date, balance)
    select
        %(entity_id)s,
        booking,
        min(booking_date),
        sum(amount)
    from raw.gl_transaction
    where entity_id = %(entity_id)s and booking is not null
    group by booking
    having sum(amount) <> 0
    returning booking, booking_date, balance
)

select
    booking,
    booking_date,
    balance
from kept
order by booking_date, booking
limit 101
