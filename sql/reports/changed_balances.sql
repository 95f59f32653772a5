-- Purpose: the balances whose lines are others than those of the published reports, as they are now.
-- Grain: as marts.balance_month.
-- Inputs: raw.changed_balance, raw.month_balance.
-- Invariants: only where no line stands elsewhere in reports than where its date and its source have it; each
-- balance is looked up by its key, whatever the planner thinks that the entity holds.
select
    balances.account_code,
    balances.month,
    balances.axis_combination,
    balances.opening,
    '' as closing,
    balances.debit,
    balances.credit,
    balances.lines
from raw.changed_balance as changed
cross join
    lateral (
        select *
        from raw.month_balance
        where
            entity_id = %(entity_id)s
            and account_code = changed.account_code
            and month = changed.month
            and axis_combination = changed.axis_combination
            and opening = changed.opening
        offset 0
    ) as balances
where changed.entity_id = %(entity_id)s
