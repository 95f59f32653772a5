-- Purpose: journal entries that this delivery touched and that do not add up to zero now.
-- Inputs: the ledger after the delivery, because a delivery may hold only part of a booking; bookings
-- that lost a line, or gave one away, are touched too.
-- Invariants: each booking is looked up by its key: see delete_rest_of_bookings.sql.
with touched as (
    select booking from stage where operation = 'l'
    union
    select booking from stage_move
)

select
    touched.booking,
    entry.booking_date,
    entry.balance
from touched
cross join
    lateral (
        select
            min(booking_date) as booking_date,
            sum(amount) as balance
        from raw.gl_transaction
        where entity_id = %(entity_id)s and booking = touched.booking
        offset 0
    ) as entry
where entry.balance <> 0
order by entry.booking_date, touched.booking
limit 101
