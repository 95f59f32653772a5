-- Purpose: the one aggregate of ledger lines; every other mart is made from it.
-- Grain: account, month, axis combination, opening and closing entries apart.
-- Inputs: raw.month_balance, which is kept equal to the lines; the few lines with a role, or with another
-- month than that of their date, move to the row of that role and month; proof.sql counts all of them again.
-- Invariants: debit and credit are sums of lines of their side, both positive; lines that open a year once
-- more stand nowhere; nothing is written where nothing changed.
with turned as (
    select
        lines.account_code,
        date_trunc('month', lines.booking_date::timestamp)::date as month,
        lines.axis_combination,
        coalesce(months.month, date_trunc('month', lines.booking_date::timestamp)::date) as counted_in,
        lines.opening as told,
        coalesce(roles.role = 'opening', lines.opening) as opening,
        coalesce(roles.role = 'opening again', false) as again,
        case roles.role
            when 'result closing' then 'result'
            when 'balance closing' then 'balance'
            else ''
        end as closing,
        greatest(lines.amount, 0) as debit,
        greatest(-lines.amount, 0) as credit
    from (
        select external_id from raw.line_role where entity_id = %(entity_id)s
        union
        select external_id from mapped.line_month where entity_id = %(entity_id)s
    ) as keys
    inner join raw.gl_transaction as lines
        on lines.entity_id = %(entity_id)s and keys.external_id = lines.external_id
    left join raw.line_role as roles
        on lines.entity_id = roles.entity_id and lines.external_id = roles.external_id
    left join mapped.line_month as months
        on lines.entity_id = months.entity_id and lines.external_id = months.external_id
),

-- The few rows that such lines leave or enter; all others are as they are.
touched as (
    select
        account_code,
        month,
        axis_combination,
        told as opening
    from turned
    union
    select
        account_code,
        counted_in,
        axis_combination,
        opening
    from turned
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
    from turned
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
    from turned
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
