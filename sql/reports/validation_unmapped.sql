-- Purpose: months whose figures hold accounts that stand on no report line.
-- Grain: month.
-- Inputs: marts.trial_balance, marts.part_balance, mapped.account_line.
-- Invariants: number: how many such accounts have a balance or moved; found: what they add up to, balances of
-- the balance sheet and years to date of profit and loss, debit positive, without parts that stand elsewhere,
-- while the account is on a side that no line takes. Accounts that add up to zero are told too. parts: the
-- ten largest of them with their amounts.
with parted as (
    select
        account_code,
        month,
        sum(closing) as closing
    from marts.part_balance
    where entity_id = %(entity_id)s
    group by account_code, month
),

remaining as (
    select
        accounts.account_code,
        accounts.line,
        accounts.credit_line,
        balances.month,
        balances.closing - coalesce(parts.closing, 0) as amount,
        balances.debit <> 0 or balances.credit <> 0 as has_moved
    from mapped.account_line as accounts
    inner join marts.trial_balance as balances
        on
            accounts.entity_id = balances.entity_id
            and accounts.account_code = balances.account_code
    left join parted as parts
        on balances.account_code = parts.account_code and balances.month = parts.month
    where
        accounts.entity_id = %(entity_id)s
        and (accounts.line like 'unmapped:%%' or accounts.credit_line like 'unmapped:%%')
),

unmapped as (
    select
        account_code,
        month,
        amount,
        row_number() over (partition by month order by abs(amount) desc, account_code) as place
    from remaining
    where
        case when amount < 0 then coalesce(credit_line, line) else line end like 'unmapped:%%'
        and (amount <> 0 or has_moved)
),

monthly as (
    select
        month,
        count(*)::int as number,
        sum(amount) as found,
        jsonb_agg(jsonb_build_array(account_code, amount::text) order by place) filter (where place <= 10)
            as parts
    from unmapped
    group by month
)

select
    'unmapped_month' as code,
    to_char(monthly.month, 'YYYY-MM') as subject,
    to_char(monthly.month, 'YYYY-MM') as period,
    months.fiscal_year_start,
    monthly.month,
    0::numeric as expected,
    monthly.found,
    monthly.number,
    monthly.parts,
    'Accounts that stand on no report line in ' || to_char(monthly.month, 'YYYY-MM') || ': '
    || monthly.number || ', which add up to ' || trim_scale(monthly.found) || '.' as message
from monthly
inner join mapped.fiscal_month as months
    on months.entity_id = %(entity_id)s and monthly.month = months.month
