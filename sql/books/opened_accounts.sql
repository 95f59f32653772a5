-- Purpose: what the source calls the opening entries of a month, by account.
-- Grain: account with anything but zero.
select
    account_code,
    sum(debit - credit) as amount
from raw.month_balance
where entity_id = %(entity_id)s and opening and month = %(month)s
group by account_code
having sum(debit - credit) <> 0
order by account_code
