-- Purpose: months whose figures hold accounts that stand on no report line.
-- Grain: month.
-- Inputs: marts.trial_balance, mapped.account_line.
-- Invariants: number: how many such accounts have a balance or moved; found: what they add up to, balances of
-- the balance sheet and years to date of profit and loss, debit positive. Accounts that add up to zero are
-- told too. parts: the ten largest of them with their amounts.
with unmapped as (
    select
        balances.account_code,
        balances.month,
        balances.closing as amount,
        row_number() over (
            partition by balances.month order by abs(balances.closing) desc, balances.account_code
        ) as place
    from mapped.account_line as accounts
    inner join marts.trial_balance as balances
        on
            accounts.entity_id = balances.entity_id
            and accounts.account_code = balances.account_code
    where
        accounts.entity_id = %(entity_id)s
        and accounts.line like 'unmapped:%%'
        and (balances.closing <> 0 or balances.debit <> 0 or balances.credit <> 0)
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
