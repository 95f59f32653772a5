-- Purpose: the statement of each account as its source says; the account that takes the result is of the
-- balance sheet.
-- Grain: account whose statement is told.
select
    accounts.code as account,
    case when accounts.code = entities.result_account then 'balance_sheet' else accounts.type end as told
from raw.account as accounts
inner join app.entity as entities on accounts.entity_id = entities.id
where
    accounts.entity_id = %(entity_id)s
    and (accounts.type is not null or accounts.code = entities.result_account)
