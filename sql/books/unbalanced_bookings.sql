-- Purpose: journal entries that this delivery touched and that do not add up to zero now; they are kept, and
-- those that add up to zero again are forgotten.
-- Grain: booking, the first hundred and one.
-- Inputs: the ledger after the delivery, because a delivery may hold only part of a booking; bookings
-- that lost a line, or gave one away, are touched too. noted: every line that was written or deleted is in
-- stage_move; all other bookings are as they are known. told: bookings of a ledger that was empty before,
-- which do not add up to zero; all others do, and those of an earlier ledger are looked at again (whole).
-- Invariants: each booking is looked up by its key: see delete_rest_of_bookings.sql. What was known is not
-- written again.
with touched as (
    select booking from stage where operation = 'l' and not %(noted)s
    union
    select booking from stage_move
    union
    select unnest(%(told)s::text[])
    union
    select booking
    from raw.unbalanced_booking
    where entity_id = %(entity_id)s and %(whole)s
    union
    select booking
    from raw.unbalanced_booking
    where
        entity_id = %(entity_id)s
        and %(noted)s
        and booking in (select stage.booking from stage where stage.operation = 'l')
),

entries as materialized (
    select
        touched.booking,
        entry.booking_date,
        entry.balance,
        known.booking is not null as is_known,
        coalesce((entry.booking_date, entry.balance) = (known.booking_date, known.balance), false) as is_kept
    from touched
    cross join
        lateral (
            select
                min(booking_date) as booking_date,
                coalesce(sum(amount), 0) as balance
            from raw.gl_transaction
            where entity_id = %(entity_id)s and booking = touched.booking
            offset 0
        ) as entry
    left join lateral (
        select *
        from raw.unbalanced_booking
        where entity_id = %(entity_id)s and booking = touched.booking
        offset 0
    ) as known on true
),

gone as (
    delete from raw.unbalanced_booking
    where
        ctid = any(array(
            select known.place
            from entries
            cross join
                lateral (
                    select ctid as place
                    from raw.unbalanced_booking
                    where entity_id = %(entity_id)s and booking = entries.booking
                    offset 0
                ) as known
            where entries.balance = 0 and entries.is_known
        ))
),

kept as (
    insert into raw.unbalanced_booking (entity_id, booking, booking_date, balance)
    select
        %(entity_id)s,
        booking,
        booking_date,
        balance
    from entries
    where balance <> 0 and not is_kept
    on conflict (entity_id, booking) do update
        set booking_date = excluded.booking_date, balance = excluded.balance
)

select
    booking,
    booking_date,
    balance
from entries
where balance <> 0
order by booking_date, booking
limit 101
