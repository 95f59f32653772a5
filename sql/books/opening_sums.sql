-- Purpose: what the opening of a fiscal year adds up to, to tell whether it alone makes a difference.
-- Grain: fiscal year.
-- Invariants: told: what the source calls opening entries; first_day: all lines of the first day, unless the
-- year has no others. The condition on the day of the month is that of the index gl_transaction_turn.
select
    years.first as year_start,
    coalesce((
        select sum(balances.debit - balances.credit)
        from raw.month_balance as balances
        where
            balances.entity_id = %(entity_id)s
            and balances.opening
            and balances.month >= years.first
            and balances.month < years.behind
    ), 0) as told,
    coalesce((
        select sum(lines.amount)
        from raw.gl_transaction as lines
        where
            lines.entity_id = %(entity_id)s
            and lines.booking_date = years.first
            and (extract(day from lines.booking_date) = 1 or extract(day from lines.booking_date + 1) = 1)
        having count(*) < (
            select sum(balances.lines)
            from raw.month_balance as balances
            where
                balances.entity_id = %(entity_id)s
                and balances.month >= years.first
                and balances.month < years.behind
        )
    ), 0) as first_day
from unnest(%(firsts)s::date[], %(behinds)s::date[]) as years (first, behind)
