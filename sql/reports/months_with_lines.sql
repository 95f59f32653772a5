-- Purpose: the months that have lines, and what their balances add up to.
-- Grain: month.
-- Inputs: stage_sum of this transaction.
select
    month,
    sum(balances)::bigint as balances,
    sum(debit) as debit,
    sum(credit) as credit,
    sum(lines)::bigint as lines
from stage_sum
group by 1
order by 1
