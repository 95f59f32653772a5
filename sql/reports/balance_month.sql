-- Purpose: the one aggregate of ledger lines; every other mart is made from it.
-- Grain: account, month, axis combination, opening and closing entries apart.
-- Inputs: raw.month_balance, which is kept equal to the lines; those of stage_turned of this transaction move
-- to the row of their role and month; proof.sql counts all of them again.
-- Invariants: debit and credit are sums of lines of their side, both positive; lines that open a year once
-- more stand nowhere; nothing is written where nothing changed.
-- The few rows that such lines leave or enter; all others are as they are.
with touched as (
    select
        account_code,
        month,
        axis_combination,
        told as opening
    from stage_turned
    union
    select
        account_code,
        counted_in,
        axis_combination,
        opening
    from stage_turned
    where not again
),

parts as (
    select
        balances.account_code,
        balances.month,
        balances.axis_combination,
        balances.opening,
        '' as closing,
        balances.debit,
        balances.credit,
        balances.lines
    from touched
    inner join raw.month_balance as balances
        on
            balances.entity_id = %(entity_id)s
            and touched.account_code = balances.account_code
            and touched.month = balances.month
            and touched.axis_combination = balances.axis_combination
            and touched.opening = balances.opening
    union all
    select
        account_code,
        month,
        axis_combination,
        told,
        '',
        -debit,
        -credit,
        -1
    from stage_turned
    union all
    select
        account_code,
        counted_in,
        axis_combination,
        opening,
        closing,
        debit,
        credit,
        1
    from stage_turned
    where not again
)

select
    balances.account_code,
    balances.month,
    balances.axis_combination,
    balances.opening,
    '' as closing,
    balances.debit,
    balances.credit,
    balances.lines
from raw.month_balance as balances
where
    balances.entity_id = %(entity_id)s
    and not exists (
        select from touched
        where
            touched.account_code = balances.account_code
            and touched.month = balances.month
            and touched.axis_combination = balances.axis_combination
            and touched.opening = balances.opening
    )
union all
select
    account_code,
    month,
    axis_combination,
    opening,
    closing,
    sum(debit) as debit,
    sum(credit) as credit,
    sum(lines)::bigint as lines
from parts
group by 1, 2, 3, 4, 5
having sum(lines) > 0
