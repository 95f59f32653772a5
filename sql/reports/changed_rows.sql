-- Purpose: the published rows of balances whose lines are others now.
-- Grain: row of marts.balance_month, with its place in the table.
-- Inputs: raw.changed_balance, marts.balance_month.
-- Invariants: each is looked up by its key, whatever the planner thinks that the entity holds.
select published.*
from raw.changed_balance as changed
cross join
    lateral (
        select
            ctid as place,
            *
        from marts.balance_month
        where
            entity_id = %(entity_id)s
            and account_code = changed.account_code
            and month = changed.month
            and axis_combination = changed.axis_combination
            and opening = changed.opening
        offset 0
    ) as published
where changed.entity_id = %(entity_id)s
