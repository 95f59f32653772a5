-- Purpose: what stands on no line of the statements, as it is mapped now.
-- Grain: account with figures; where the entity has a primary axis, account and value ('' for none).
-- Inputs: mapped.account_line, mapped.account_axis_line, marts.balance_month, raw.axis_combination.
-- Invariants: a value that someone placed is not among these, whatever its account.
select distinct
    balances.account_code as account,
    coalesce(combinations.axis_values ->> entities.primary_axis, '') as value
from app.entity as entities
inner join mapped.account_line as accounts on entities.id = accounts.entity_id
inner join marts.balance_month as balances
    on accounts.entity_id = balances.entity_id and accounts.account_code = balances.account_code
left join raw.axis_combination as combinations
    on balances.entity_id = combinations.entity_id and balances.axis_combination = combinations.id
where
    entities.id = %(entity_id)s
    and balances.entity_id = %(entity_id)s
    and accounts.line like 'unmapped:%%'
    and not exists (
        select from mapped.account_axis_line as placed
        where
            placed.entity_id = balances.entity_id
            and placed.account_code = balances.account_code
            and placed.axis_value = combinations.axis_values ->> entities.primary_axis
    )
order by 1, 2
