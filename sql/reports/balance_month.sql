-- Purpose: the one aggregate of ledger lines; every other mart is made from it.
-- Grain: account, month, axis combination, opening and closing entries apart.
-- Inputs: raw.month_balance, which is kept equal to the lines; the few lines with a role move to the row of
-- that role; proof.sql counts all of them again.
-- Invariants: debit and credit are sums of lines of their side, both positive; nothing is written
-- where nothing changed.
with turned as (
    select
        lines.account_code,
        date_trunc('month', lines.booking_date::timestamp)::date as month,
        lines.axis_combination,
        lines.opening as told,
        roles.role = 'opening' as opening,
        case roles.role
            when 'result closing' then 'result'
            when 'balance closing' then 'balance'
            else ''
        end as closing,
        greatest(lines.amount, 0) as debit,
        greatest(-lines.amount, 0) as credit
    from raw.line_role as roles
    inner join raw.gl_transaction as lines
        on roles.entity_id = lines.entity_id and roles.external_id = lines.external_id
    where roles.entity_id = %(entity_id)s
),

parts as (
    select
        account_code,
        month,
        axis_combination,
        opening,
        '' as closing,
        debit,
        credit,
        lines
    from raw.month_balance
    where entity_id = %(entity_id)s
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
    from turned
    union all
    select
        account_code,
        month,
        axis_combination,
        opening,
        closing,
        debit,
        credit,
        1
    from turned
)

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
