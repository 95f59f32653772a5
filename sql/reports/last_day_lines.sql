-- Purpose: the entries of the last days of fiscal years that move an account which ends its year at zero;
-- no other entry can close one.
-- Grain: ledger line.
-- Invariants: entries are whole: those of a number, and of a day where lines have none.
with lines as (
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
),

emptying as (
    select distinct
        lines.booking_date,
        coalesce(lines.booking, '') as booking
    from lines
    inner join unnest(%(emptied_days)s::date[], %(accounts)s::text[]) as emptied (booking_date, account_code)
        on lines.booking_date = emptied.booking_date and lines.account_code = emptied.account_code
)

select lines.*
from lines
inner join emptying
    on lines.booking_date = emptying.booking_date and coalesce(lines.booking, '') = emptying.booking
order by lines.external_id
