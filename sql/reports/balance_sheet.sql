-- Purpose: what the company owns and owes by report line, at the end of each month.
-- Grain: report line (subtotals and Unmapped too) and month, without holes.
-- Inputs: marts.trial_balance, mapped.account_line, app.report_line, app.report_line_ancestry.
-- Invariants: debit positive (assets +, equity and liabilities -); a subtotal is the sum of its
-- children; the result of the running year stands on the line for it, so that the lines of level 0
-- add up to zero in books that balance.
with structure as (
    select lines.*
    from app.report_line as lines
    where
        lines.statement = 'balance_sheet'
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

months as (
    select
        *,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

totals as (
    select
        ancestry.ancestor as line,
        balances.month,
        sum(balances.closing) as closing,
        sum(balances.opening) as opening
    from marts.trial_balance as balances
    inner join mapped.account_line as accounts
        on
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
    inner join app.report_line_ancestry as ancestry
        on
            accounts.structure_id = ancestry.structure_id
            and ancestry.line = case accounts.type
                when 'balance_sheet' then accounts.line
                else (select line from structure where role = 'result_of_year')
            end
    where balances.entity_id = %(entity_id)s
    group by 1, 2
),

monthly as (
    select
        structure.line,
        months.month,
        coalesce(totals.closing, 0) as amount,
        coalesce(totals.closing, 0) - coalesce(at_start.opening, 0) as year_to_date
    from structure
    cross join months
    left join totals on structure.line = totals.line and months.month = totals.month
    left join totals as at_start
        on structure.line = at_start.line and months.first_month = at_start.month
)

select
    monthly.*,
    coalesce(earlier.amount, 0) as prior_year
from monthly
left join monthly as earlier
    on
        monthly.line = earlier.line
        and earlier.month = (monthly.month - interval '1 year')::date
