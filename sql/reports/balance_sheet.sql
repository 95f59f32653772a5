-- Purpose: what the company owns and owes by report line, at the end of each month.
-- Grain: report line (subtotals and Unmapped too) and month, without holes.
-- Inputs: stage_leaf and stage_ancestor of this transaction, mapped.fiscal_month, app.report_line.
-- Invariants: debit positive (assets +, equity and liabilities -); a subtotal is the sum of its
-- children; the result of the running year stands on the line for it, so that the lines of level 0
-- add up to zero in books that balance.
with months as (
    select
        month,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

result as (
    select line
    from app.report_line
    where
        role = 'result_of_year'
        and structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

leaves as (
    select
        line,
        month,
        opening,
        closing
    from stage_leaf
    where statement = 'balance_sheet'
    union all
    select
        result.line,
        results.month,
        sum(results.opening),
        sum(results.closing)
    from stage_leaf as results
    cross join result
    where results.statement = 'profit_and_loss'
    group by 1, 2
),

totals as (
    select
        ancestors.ancestor as line,
        leaves.month,
        sum(leaves.opening) as opening,
        sum(leaves.closing) as closing
    from leaves
    inner join stage_ancestor as ancestors on leaves.line = ancestors.line
    group by 1, 2
)

select
    structure.line,
    months.month,
    coalesce(totals.closing, 0) as amount,
    coalesce(totals.closing, 0) - coalesce(at_start.opening, 0) as year_to_date,
    coalesce(earlier.closing, 0) as prior_year
from stage_ancestor as structure
cross join months
left join totals on structure.line = totals.line and months.month = totals.month
left join totals as at_start on structure.line = at_start.line and months.first_month = at_start.month
left join totals as earlier
    on structure.line = earlier.line and earlier.month = (months.month - interval '1 year')::date
where structure.statement = 'balance_sheet' and structure.line = structure.ancestor
