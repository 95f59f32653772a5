-- Purpose: the ledger lines of an account that reports count in a period, a page at a time.
-- Grain: ledger line, one more than a page; those after the day and the key that the page before ended with.
-- Invariants: by day and key; the few lines that count in another month than that of their date stand among
-- the others by their date. Each half is limited before the view looks up what else a page shows. The index
-- of days and accounts is asked for by its expression of the entity: migration 0045. That the lines are the
-- account's is said twice: the view then looks up the account once.
with counted as (
    select
        month,
        sum(sum(lines)) over (order by month) as lines
    from raw.month_balance
    where
        entity_id = %(entity_id)s
        and account_code = %(account)s
        and month >= %(first)s
        and month > %(after_day)s::date
    group by month
),

-- Where a page ends at the latest: behind the month by which there are lines enough for it, whatever of them
-- counts elsewhere.
reach as (
    select
        coalesce(
            least(min(counted.month), %(last)s::date),
            %(last)s::date
        ) + interval '1 month' as ends_before
    from counted
    where
        counted.lines >= %(most)s
        + (select count(*) from mapped.line_month where entity_id = %(entity_id)s)
),

keys as (
    (
        select
            lines.external_id,
            lines.booking_date
        from raw.gl_transaction as lines
        where
            lines.entity_id = %(entity_id)s
            and lines.account_code = %(account)s
            and case when lines.entity_id > 0 then lines.entity_id end = %(entity_id)s
            and lines.booking_date >= greatest(%(first)s::date, %(after_day)s::date)
            and lines.booking_date < (select ends_before::date from reach)
            and (lines.booking_date, lines.external_id) > (%(after_day)s::date, %(after)s)
            and not exists (
                select from mapped.line_month as months
                where months.entity_id = %(entity_id)s and months.external_id = lines.external_id
            )
        order by lines.booking_date, lines.external_id
        limit %(most)s
    )
    union all
    (
        select
            lines.external_id,
            lines.booking_date
        from mapped.line_month as months
        inner join raw.gl_transaction as lines
            on lines.entity_id = %(entity_id)s and months.external_id = lines.external_id
        where
            months.entity_id = %(entity_id)s
            and months.month between %(first)s and %(last)s
            and lines.account_code = %(account)s
            and (lines.booking_date, lines.external_id) > (%(after_day)s::date, %(after)s)
        order by lines.booking_date, lines.external_id
        limit %(most)s
    )
),

page as (
    select
        external_id,
        booking_date
    from keys
    order by booking_date, external_id
    limit %(most)s
)

select transactions.*
from page
inner join mapped.transactions as transactions
    on
        transactions.entity_id = %(entity_id)s
        and page.external_id = transactions.external_id
        and transactions.account_code = %(account)s
order by page.booking_date, page.external_id
