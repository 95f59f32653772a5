-- Purpose: the trial balance of a period.
-- Grain: account with anything but zero.
-- Invariants: closing = opening + debit - credit. What opening entries after a gap in the ledger
-- changed within the period stands among the movements. closing_entries: what closes the fiscal year that
-- ends with the period, debit positive; no other column has it.
select
    balances.account_code as account,
    accounts.name,
    accounts.type,
    coalesce(sum(balances.opening) filter (where balances.month = :first), 0) as opening,
    sum(balances.debit) + coalesce(
        sum(balances.opening_difference) filter (
            where balances.month > :first and balances.opening_difference > 0
        ), 0
    ) as debit,
    sum(balances.credit) - coalesce(
        sum(balances.opening_difference) filter (
            where balances.month > :first and balances.opening_difference < 0
        ), 0
    ) as credit,
    coalesce(sum(balances.closing_entries) filter (where balances.month = :last), 0) as closing_entries
from marts.trial_balance as balances
inner join app.entity as entities on balances.entity_id = entities.id
inner join mapped.account_line as accounts
    on balances.entity_id = accounts.entity_id and balances.account_code = accounts.account_code
where entities.key = :entity and balances.month between :first and :last
group by balances.account_code, accounts.name, accounts.type
having
    coalesce(sum(balances.opening) filter (where balances.month = :first), 0) <> 0
    or sum(balances.debit) <> 0
    or sum(balances.credit) <> 0
    or coalesce(
        sum(balances.opening_difference) filter (where balances.month > :first), 0
    ) <> 0
    or coalesce(sum(balances.closing_entries) filter (where balances.month = :last), 0) <> 0
order by balances.account_code
