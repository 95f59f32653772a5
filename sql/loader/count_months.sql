-- Purpose: what the guard and the balance check compare: an entity's ledger, month by month.
-- Grain: month. in_scope: lines that the delivery replaces, or all where it replaces bookings by key.
select
    date_trunc('month', booking_date)::date as month,
    count(*) filter (
        where exists (select from stage where operation = 'b')
        or exists (
            select from stage_range
            where booking_date >= starts_on and booking_date < ends_on
        )
    ) as in_scope,
    count(*) as lines,
    sum(amount) as balance
from raw.gl_transaction
where entity_id = %(entity_id)s
group by 1
order by 1
