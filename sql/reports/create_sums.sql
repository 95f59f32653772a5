-- Purpose: what each account did in each month, without the axes: a tenth of the rows, at hand for all that
-- is made of them.
-- Grain: account, month, opening entries apart as their source calls them.
-- Inputs: raw.month_balance.
create temporary table stage_sum on commit drop as
select
    account_code,
    month,
    opening,
    sum(debit) as debit,
    sum(credit) as credit,
    sum(lines)::bigint as lines,
    count(*) as balances
from raw.month_balance
where entity_id = %(entity_id)s
group by 1, 2, 3
