-- Purpose: revenue and costs by report line.
-- Grain: report line (subtotals and Unmapped too) and month, without holes.
-- Inputs: marts.trial_balance, mapped.account_line, app.report_line, app.report_line_ancestry.
-- Invariants: credit positive (revenue +, cost -); a subtotal is the sum of its children; unmapped
-- accounts are in no subtotal; year to date starts with the fiscal year.
with structure as (
    select lines.*
    from app.report_line as lines
    where
        lines.statement = 'profit_and_loss'
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

totals as (
    select
        ancestry.ancestor as line,
        balances.month,
        -sum(balances.closing) as year_to_date
    from marts.trial_balance as balances
    inner join mapped.account_line as accounts
        on
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
    inner join app.report_line_ancestry as ancestry
        on accounts.structure_id = ancestry.structure_id and accounts.line = ancestry.line
    where balances.entity_id = %(entity_id)s and accounts.type = 'profit_and_loss'
    group by 1, 2
),

monthly as (
    select
        structure.line,
        months.month,
        coalesce(totals.year_to_date, 0) as year_to_date,
        coalesce(totals.year_to_date, 0) - lag(coalesce(totals.year_to_date, 0), 1, 0) over (
            partition by structure.line, months.fiscal_year_start order by months.month
        ) as amount
    from structure
    inner join mapped.fiscal_month as months on months.entity_id = %(entity_id)s
    left join totals on structure.line = totals.line and months.month = totals.month
)

select
    monthly.*,
    coalesce(earlier.amount, 0) as prior_year
from monthly
left join monthly as earlier
    on
        monthly.line = earlier.line
        and earlier.month = (monthly.month - interval '1 year')::date
