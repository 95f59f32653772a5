-- Purpose: what the guard and the balance check compare: an entity's ledger, month by month.
-- Grain: month. in_scope: lines that the delivery replaces, or all where it replaces bookings by key;
-- the lines themselves are counted only in a month that a range of dates cuts.
with months as (
    select
        month,
        (month + interval '1 month')::date as next_month,
        sum(lines)::bigint as lines,
        sum(debit - credit) as balance
    from raw.month_balance
    where entity_id = %(entity_id)s
    group by 1
)

select
    months.month,
    months.lines,
    months.balance,
    case
        when exists (select from stage where operation = 'b') then months.lines
        when exists (
            select from stage_range
            where starts_on <= months.month and ends_on >= months.next_month
        ) then months.lines
        when
            exists (
                select from stage_range
                where starts_on < months.next_month and ends_on > months.month
            )
            then (
                select count(*)
                from raw.gl_transaction as line
                where
                    line.entity_id = %(entity_id)s
                    and line.booking_date >= months.month
                    and line.booking_date < months.next_month
                    and exists (
                        select from stage_range
                        where line.booking_date >= starts_on and line.booking_date < ends_on
                    )
            )
        else 0
    end as in_scope
from months
order by 1
