-- Purpose: where the sums of a ledger are the largest, from its lines: balances may not hold them.
-- Grain: account and month, the ten largest.
select
    account_code,
    date_trunc('month', booking_date::timestamp)::date as month,
    coalesce(sum(amount) filter (where amount > 0), 0) as debit,
    coalesce(-sum(amount) filter (where amount < 0), 0) as credit
from raw.gl_transaction
where entity_id = %(entity_id)s
group by account_code, date_trunc('month', booking_date::timestamp)
order by sum(abs(amount)) desc
limit 10
