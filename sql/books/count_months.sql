-- Purpose: what the guard and the balance check compare: an entity's ledger, month by month.
-- Grain: month. opened: with opening entries, as their source calls them. in_scope: lines that the delivery
-- replaces, or all where it replaces bookings by key; the lines themselves are counted only where a range of
-- dates cuts a month.
with months as (
    select
        month,
        daterange(month, (month + interval '1 month')::date) as days,
        sum(lines)::bigint as lines,
        sum(debit) as debit,
        sum(credit) as credit,
        bool_or(opening) as opened
    from raw.month_balance
    where entity_id = %(entity_id)s
    group by 1
),

replaced as (
    select
        range_agg(daterange(starts_on, ends_on)) as days,
        exists(select from stage where operation = 'b') as by_booking
    from stage_range
),

cut as (
    select months.month
    from months
    cross join replaced
    where not replaced.by_booking and replaced.days && months.days and not replaced.days @> months.days
),

counted as (
    select
        date_trunc('month', booking_date::timestamp)::date as month,
        count(*) as lines
    from raw.gl_transaction
    where
        entity_id = %(entity_id)s
        and booking_date <@ (select days from replaced)
        and exists (select from cut)
    group by 1
)

select
    months.month,
    months.lines,
    months.debit,
    months.credit,
    months.opened,
    case
        when replaced.by_booking or replaced.days @> months.days then months.lines
        when replaced.days && months.days then coalesce(counted.lines, 0)
        else 0
    end as in_scope
from months
cross join replaced
left join counted on months.month = counted.month
order by 1
