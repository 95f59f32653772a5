-- Purpose: an entity's ledger by account and month, beside which a file is shown before it is imported.
-- Grain: account, month, and whether the lines open a year.
select
    account_code,
    month,
    opening,
    sum(debit - credit) as amount,
    sum(lines)::bigint as lines
from raw.month_balance
where entity_id = %(entity_id)s
group by 1, 2, 3
