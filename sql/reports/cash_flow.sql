-- Purpose: where cash came from and went to, told from the result and what changed on the balance sheet.
-- Grain: line of the cash flow statement (subtotals and Unmapped too) and month, without holes; none where
-- the structure has no such statement.
-- Inputs: stage_leaf and stage_ancestor of this transaction, mapped.fiscal_month, app.report_line, whose
-- leaves name the line that they count in.
-- Invariants: what came in is positive. A leaf gives what its balance fell by within the month: carrying
-- forward and openings at a turn move nothing. Cash, on lines with that role and beneath, counts in no line;
-- what else names none is Unmapped: opening cash + net cash flow + Unmapped = closing cash, in every month.
with structure as (
    select
        lines.line,
        lines.statement,
        lines.level,
        lines.role,
        lines.cash_flow_line
    from app.report_line as lines
    where
        lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

-- Lines that leaves may count in.
takers as (
    select structure.line
    from structure
    where
        structure.statement = 'cash_flow'
        and structure.role is null
        and not exists (
            select from stage_ancestor as children
            where children.ancestor = structure.line and children.line <> structure.line
        )
),

cash_lines as (
    select distinct ancestors.line
    from stage_ancestor as ancestors
    inner join structure on ancestors.ancestor = structure.line
    where structure.role = 'cash'
),

cash as (
    select
        leaves.month,
        sum(leaves.opening) as opening,
        sum(leaves.closing) as closing
    from stage_leaf as leaves
    inner join cash_lines on leaves.line = cash_lines.line
    group by 1
),

flows as (
    select
        ancestors.ancestor as line,
        leaves.month,
        sum(leaves.opening - leaves.closing) as amount
    from stage_leaf as leaves
    inner join structure on leaves.line = structure.line
    inner join takers on structure.cash_flow_line = takers.line
    inner join stage_ancestor as ancestors on takers.line = ancestors.line
    where leaves.line not in (select line from cash_lines)
    group by 1, 2
),

told as (
    select
        flows.month,
        sum(flows.amount) as amount
    from flows
    inner join structure on flows.line = structure.line
    where structure.level = 0
    group by 1
),

monthly as (
    select
        structure.line,
        structure.role,
        months.month,
        months.fiscal_year_start,
        case structure.role
            when 'opening_cash' then coalesce(cash.opening, 0)
            when 'closing_cash' then coalesce(cash.closing, 0)
            when 'unmapped'
                then coalesce(cash.closing, 0) - coalesce(cash.opening, 0) - coalesce(told.amount, 0)
            else coalesce(flows.amount, 0)
        end as amount
    from structure
    inner join mapped.fiscal_month as months on months.entity_id = %(entity_id)s
    left join cash on months.month = cash.month
    left join told on months.month = told.month
    left join flows on structure.line = flows.line and months.month = flows.month
    where structure.statement = 'cash_flow'
),

running as (
    select
        line,
        month,
        amount,
        case role
            when 'opening_cash' then first_value(amount) over within_year
            when 'closing_cash' then amount
            else sum(amount) over within_year
        end as year_to_date
    from monthly
    window within_year as (partition by line, fiscal_year_start order by month)
)

select
    running.*,
    coalesce(earlier.amount, 0) as prior_year
from running
left join monthly as earlier
    on
        running.line = earlier.line
        and earlier.month = (running.month - interval '1 year')::date
