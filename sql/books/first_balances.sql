-- Purpose: the month balances of a ledger that was empty before.
-- Grain: as raw.month_balance.
-- Invariants: written in the order of the primary key, which costs half of any other; sums are made apart, so
-- that no plan sorts all lines for it.
with sums as materialized (
    select
        account_code,
        date_trunc('month', booking_date::timestamp)::date as month,
        axis_combination,
        opening,
        coalesce(sum(amount) filter (where amount > 0), 0) as debit,
        coalesce(-sum(amount) filter (where amount < 0), 0) as credit,
        count(*) as lines
    from raw.gl_transaction
    where entity_id = %(entity_id)s
    group by account_code, date_trunc('month', booking_date::timestamp)::date, axis_combination, opening
)

insert into raw.month_balance (
    entity_id, account_code, month, axis_combination, opening, debit, credit, lines
)
select
    %(entity_id)s,
    account_code,
    month,
    axis_combination,
    opening,
    debit,
    credit,
    lines
from sums
order by account_code, month, axis_combination, opening
