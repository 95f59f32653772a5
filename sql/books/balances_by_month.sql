-- Purpose: what each account stands at by our month balances, to compare with the software's own.
-- Grain: account with a balance.
-- Invariants: profit and loss accounts since the fiscal year began, all others since ever or since the day
-- that the software told: nothing is carried over at the turn of the year. Whole months only. Debit positive.
select
    balances.account_code,
    sum(balances.debit - balances.credit) as balance
from raw.month_balance as balances
left join raw.account as accounts
    on balances.entity_id = accounts.entity_id and balances.account_code = accounts.code
where
    balances.entity_id = %(entity_id)s
    and balances.month <= %(day)s
    and balances.month >= case
        when accounts.type = 'profit_and_loss' then %(year_start)s::date
        else coalesce(%(since)s::date, '-infinity')
    end
group by 1
having sum(balances.debit - balances.credit) <> 0
