-- Purpose: where the accounts of an entity stand now.
-- Grain: account, and account with a value of the primary axis that stands elsewhere.
-- Inputs: mapped.account_line, mapped.account_axis_line.
select
    account_code as account,
    '' as value,
    type,
    line,
    credit_line
from mapped.account_line
where entity_id = %(entity_id)s
union all
select
    account_code,
    axis_value,
    null,
    line,
    null
from mapped.account_axis_line
where entity_id = %(entity_id)s
