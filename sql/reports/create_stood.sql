-- Purpose: where accounts stood in the published figures, to see afterwards which lines have others now.
-- Grain: account, and account with a value of the primary axis that stands elsewhere.
-- Inputs: mapped.account_line, mapped.account_axis_line, before they are made anew.
create temporary table stage_stood on commit drop as
select
    account_code,
    '' as axis_value,
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
