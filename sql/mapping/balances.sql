-- Purpose: what accounts hold at the end of the last month with figures.
-- Grain: account with figures.
-- Invariants: debit positive; of accounts of profit and loss, since the start of the fiscal year. One with
-- figures in other months alone holds nothing.
select
    account_code as account,
    sum(case when month = %(month)s then closing else 0 end) as amount
from marts.trial_balance
where entity_id = %(entity_id)s
group by account_code
