-- Purpose: what each account did in each fiscal year, for judging what opens and closes it.
-- Grain: account and fiscal year.
-- Inputs: stage_sum of this transaction, mapped.account_line, the fiscal year of each month.
-- Invariants: debit positive; what the source calls opening entries is apart.
select
    balances.account_code,
    accounts.type = 'profit_and_loss' as is_result,
    years.year,
    coalesce(sum(balances.debit - balances.credit) filter (where not balances.opening), 0) as moved,
    coalesce(sum(balances.lines) filter (where not balances.opening), 0)::bigint as lines,
    coalesce(sum(balances.debit - balances.credit) filter (where balances.opening), 0) as opened
from stage_sum as balances
inner join unnest(%(months)s::date[], %(years)s::date[]) as years (month, year)
    on balances.month = years.month
inner join mapped.account_line as accounts
    on accounts.entity_id = %(entity_id)s and balances.account_code = accounts.account_code
group by 1, 2, 3
