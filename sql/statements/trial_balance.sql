-- Purpose: the trial balance of a period.
-- Grain: account with anything but zero.
-- Invariants: debit positive; closing = opening + debit - credit. What opening entries after a gap in the
-- ledger changed within the period stands among the movements. closing_entries: what closes the fiscal year
-- that ends with the period; no other column has it.
select
    accounts.account_code as account,
    accounts.name,
    accounts.type,
    sum(case when balances.month = %(first)s then balances.opening else 0 end) as opening,
    sum(
        balances.debit
        + case when balances.month > %(first)s then greatest(balances.opening_difference, 0) else 0 end
    ) as debit,
    sum(
        balances.credit
        - case when balances.month > %(first)s then least(balances.opening_difference, 0) else 0 end
    ) as credit,
    sum(case when balances.month = %(last)s then balances.closing_entries else 0 end) as closing_entries
from marts.trial_balance as balances
inner join mapped.account_line as accounts
    on balances.entity_id = accounts.entity_id and balances.account_code = accounts.account_code
where balances.entity_id = %(entity_id)s and balances.month between %(first)s and %(last)s
group by accounts.account_code, accounts.name, accounts.type
having
    sum(case when balances.month = %(first)s then balances.opening else 0 end) <> 0
    or sum(balances.debit) <> 0
    or sum(balances.credit) <> 0
    or sum(case when balances.month > %(first)s then balances.opening_difference else 0 end) <> 0
    or sum(case when balances.month = %(last)s then balances.closing_entries else 0 end) <> 0
order by accounts.account_code
