-- Purpose: what the balances add up to, month by month.
-- Grain: month, opening and closing entries apart.
-- Inputs: marts.balance_month.
select
    month,
    opening,
    closing,
    count(*) as balances,
    sum(debit) as debit,
    sum(credit) as credit,
    sum(lines)::bigint as lines
from marts.balance_month
where entity_id = %(entity_id)s
group by 1, 2, 3
order by 1
