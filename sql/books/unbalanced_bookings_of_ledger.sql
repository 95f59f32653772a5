-- Purpose: the same as unbalanced_bookings.sql, for a delivery into an empty ledger: it touched all. What was
-- kept of a ledger that lost its last line just before is forgotten.
with unbalanced as materialized (
    select
        booking,
        min(booking_date) as booking_date,
        sum(amount) as balance
    from raw.gl_transaction
    where entity_id = %(entity_id)s and booking is not null
    group by booking
    having sum(amount) <> 0
),

gone as (
    delete from raw.unbalanced_booking as known
    where
        known.entity_id = %(entity_id)s
        and not exists (select from unbalanced where unbalanced.booking = known.booking)
),

kept as (
    insert into raw.unbalanced_booking (entity_id, booking, booking_date, balance)
    select
        %(entity_id)s,
        booking,
        booking_date,
        balance
    from unbalanced
    on conflict (entity_id, booking) do update
        set booking_date = excluded.booking_date, balance = excluded.balance
)

select
    booking,
    booking_date,
    balance
from unbalanced
order by booking_date, booking
limit 101
