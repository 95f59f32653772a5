-- Purpose: revenue and costs by report line.
-- Grain: report line (subtotals and Unmapped too) and month, without holes.
-- Inputs: stage_leaf and stage_ancestor of this transaction, mapped.fiscal_month.
-- Invariants: credit positive (revenue +, cost -); a subtotal is the sum of its children; unmapped
-- accounts are in no subtotal; year to date starts with the fiscal year.
with totals as (
    select
        ancestors.ancestor as line,
        leaves.month,
        sum(leaves.opening - leaves.closing) as amount,
        -sum(leaves.closing) as year_to_date
    from stage_leaf as leaves
    inner join stage_ancestor as ancestors on leaves.line = ancestors.line
    where leaves.statement = 'profit_and_loss'
    group by 1, 2
),

monthly as (
    select
        structure.line,
        months.month,
        coalesce(totals.amount, 0) as amount,
        coalesce(totals.year_to_date, 0) as year_to_date
    from stage_ancestor as structure
    inner join mapped.fiscal_month as months on months.entity_id = %(entity_id)s
    left join totals on structure.line = totals.line and months.month = totals.month
    where structure.statement = 'profit_and_loss' and structure.line = structure.ancestor
)

select
    monthly.*,
    coalesce(earlier.amount, 0) as prior_year
from monthly
left join totals as earlier
    on
        monthly.line = earlier.line
        and earlier.month = (monthly.month - interval '1 year')::date
