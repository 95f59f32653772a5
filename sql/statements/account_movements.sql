-- Purpose: what stands above the ledger lines of an account: its balances, and how much moved it.
-- Grain: one row, of an account of the entity.
-- Invariants: debit positive; what opens or closes a year is no movement.
select
    accounts.name,
    accounts.type,
    (
        select coalesce(sum(balances.opening), 0) from marts.trial_balance as balances
        where
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
            and balances.month = %(first)s
    ) as opening,
    (
        select coalesce(sum(balances.closing), 0) from marts.trial_balance as balances
        where
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
            and balances.month = %(last)s
    ) as closing,
    moved.debit,
    moved.credit,
    moved.lines
from mapped.account_line as accounts
cross join
    lateral (
        select
            coalesce(sum(balances.debit), 0) as debit,
            coalesce(sum(balances.credit), 0) as credit,
            coalesce(sum(balances.lines), 0)::bigint as lines
        from marts.balance_month as balances
        where
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
            and balances.month between %(first)s and %(last)s
            and not balances.opening
            and balances.closing = ''
    ) as moved
where accounts.entity_id = %(entity_id)s and accounts.account_code = %(account)s
