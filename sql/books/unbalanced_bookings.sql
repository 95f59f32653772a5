-- Purpose: journal entries that this delivery touched and that do not add up to zero now.
-- Inputs: the ledger after the delivery, because a delivery may hold only part of a booking; bookings
-- that lost a line, or gave one away, are touched too.
select
    booking,
    min(booking_date) as booking_date,
    sum(amount) as balance
from raw.gl_transaction
where
    entity_id = %(entity_id)s
    and booking in (
        select booking from stage where operation = 'l'
        union
        select booking from stage_move
    )
group by booking
having sum(amount) <> 0
order by booking_date, booking
limit 101
