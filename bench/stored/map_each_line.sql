-- Purpose: the peer of our marts: every ledger line is mapped, and each report is summed from lines.
-- Inputs: raw.gl_transaction, raw.axis_combination, mapped.account_line, mapped.fiscal_month, app.report_line.
-- Invariants: the same figures as marts.trial_balance, marts.profit_and_loss, marts.balance_sheet,
-- marts.cash_flow and marts.axis_report, for books without opening entries, without a result account and
-- without accounts that are placed by a value of an axis.
-- The mapped lines are a table with all that a drill-down shows; the bench also runs these statements
-- with a temporary table of only the columns that the reports need, which is as lean as it gets.
create table line_mapped as
select
    lines.*,
    accounts.name as account_name,
    accounts.type,
    accounts.line,
    months.month,
    months.fiscal_year_start
from raw.gl_transaction as lines
inner join mapped.account_line as accounts
    on lines.entity_id = accounts.entity_id and lines.account_code = accounts.account_code
inner join mapped.fiscal_month as months
    on
        lines.entity_id = months.entity_id
        and date_trunc('month', lines.booking_date)::date = months.month
where lines.entity_id = %(entity_id)s;

create table line_trial_balance as
with moved as (
    select
        account_code,
        type,
        month,
        fiscal_year_start,
        sum(amount) filter (where amount > 0) as debit,
        -sum(amount) filter (where amount < 0) as credit,
        sum(amount) as change
    from line_mapped
    group by 1, 2, 3, 4
),

turned as (
    select
        years.fiscal_year_start,
        sum(moved.change) as amount
    from (select distinct fiscal_year_start from moved) as years
    inner join moved on years.fiscal_year_start > moved.fiscal_year_start
    where moved.type = 'profit_and_loss'
    group by 1
),

running as (
    select
        accounts.account_code,
        months.month,
        coalesce(moved.debit, 0) as debit,
        coalesce(moved.credit, 0) as credit,
        sum(coalesce(moved.change, 0)) over (
            partition by
                accounts.account_code,
                case accounts.type when 'profit_and_loss' then months.fiscal_year_start end
            order by months.month
        ) + case accounts.account_code when '(result)' then coalesce(turned.amount, 0) else 0 end as closing
    from mapped.account_line as accounts
    inner join mapped.fiscal_month as months on accounts.entity_id = months.entity_id
    left join moved on accounts.account_code = moved.account_code and months.month = moved.month
    left join turned on months.fiscal_year_start = turned.fiscal_year_start
    where accounts.entity_id = %(entity_id)s
)

select
    account_code,
    month,
    closing - debit + credit as opening,
    debit,
    credit,
    closing
from running
where closing <> 0 or debit <> 0 or credit <> 0;

create table line_profit_and_loss as
with recursive structure as (
    select line, parent from app.report_line
    where
        statement = 'profit_and_loss'
        and structure_id = (select min(structure_id) from mapped.account_line where entity_id = %(entity_id)s)
),

ancestry as (
    select line, line as ancestor from structure
    union all
    select ancestry.line, structure.parent
    from ancestry
    inner join structure on ancestry.ancestor = structure.line
    where structure.parent is not null
),

totals as (
    select
        ancestry.ancestor as line,
        line_mapped.month,
        -sum(line_mapped.amount) as amount
    from line_mapped
    inner join ancestry on line_mapped.line = ancestry.line
    where line_mapped.type = 'profit_and_loss'
    group by 1, 2
),

monthly as (
    select
        structure.line,
        months.month,
        coalesce(totals.amount, 0) as amount,
        sum(coalesce(totals.amount, 0)) over (
            partition by structure.line, months.fiscal_year_start order by months.month
        ) as year_to_date
    from structure
    inner join mapped.fiscal_month as months on months.entity_id = %(entity_id)s
    left join totals on structure.line = totals.line and months.month = totals.month
)

select
    monthly.*,
    coalesce(earlier.amount, 0) as prior_year
from monthly
left join monthly as earlier
    on monthly.line = earlier.line and earlier.month = (monthly.month - interval '1 year')::date;

create table line_leaf as
select
    sides.line,
    accounts.type as statement,
    trial.month,
    sum(sides.opening) as opening,
    sum(sides.closing) as closing
from line_trial_balance as trial
inner join mapped.account_line as accounts
    on accounts.entity_id = %(entity_id)s and trial.account_code = accounts.account_code
cross join lateral (
    values
    (
        accounts.line,
        case when accounts.credit_line is null then trial.opening else greatest(trial.opening, 0) end,
        case when accounts.credit_line is null then trial.closing else greatest(trial.closing, 0) end
    ),
    (accounts.credit_line, least(trial.opening, 0), least(trial.closing, 0))
) as sides (line, opening, closing)
where sides.line is not null
group by 1, 2, 3;

create table line_balance_sheet as
with recursive structure as (
    select line, parent, role from app.report_line
    where
        statement = 'balance_sheet'
        and structure_id = (select min(structure_id) from mapped.account_line where entity_id = %(entity_id)s)
),

ancestry as (
    select line, line as ancestor from structure
    union all
    select ancestry.line, structure.parent
    from ancestry
    inner join structure on ancestry.ancestor = structure.line
    where structure.parent is not null
),

totals as (
    select
        ancestry.ancestor as line,
        line_leaf.month,
        sum(line_leaf.opening) as opening,
        sum(line_leaf.closing) as closing
    from line_leaf
    inner join ancestry
        on ancestry.line = case line_leaf.statement
            when 'balance_sheet' then line_leaf.line
            else (select line from structure where role = 'result_of_year')
        end
    group by 1, 2
),

months as (
    select month, min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
)

select
    structure.line,
    months.month,
    coalesce(totals.closing, 0) as amount,
    coalesce(totals.closing, 0) - coalesce(at_start.opening, 0) as year_to_date,
    coalesce(earlier.closing, 0) as prior_year
from structure
cross join months
left join totals on structure.line = totals.line and months.month = totals.month
left join totals as at_start on structure.line = at_start.line and months.first_month = at_start.month
left join totals as earlier
    on structure.line = earlier.line and earlier.month = (months.month - interval '1 year')::date;

create table line_cash_flow as
with recursive structure as (
    select line, statement, parent, level, role, cash_flow_line from app.report_line
    where
        structure_id = (select min(structure_id) from mapped.account_line where entity_id = %(entity_id)s)
),

ancestry as (
    select line, line as ancestor from structure
    union all
    select ancestry.line, structure.parent
    from ancestry
    inner join structure on ancestry.ancestor = structure.line
    where structure.parent is not null
),

cash_lines as (
    select ancestry.line
    from ancestry
    inner join structure on ancestry.ancestor = structure.line
    where structure.role = 'cash'
),

cash as (
    select line_leaf.month, sum(line_leaf.opening) as opening, sum(line_leaf.closing) as closing
    from line_leaf
    where line_leaf.line in (select line from cash_lines)
    group by 1
),

flows as (
    select
        ancestry.ancestor as line,
        line_leaf.month,
        sum(line_leaf.opening - line_leaf.closing) as amount
    from line_leaf
    inner join structure on line_leaf.line = structure.line
    inner join ancestry on structure.cash_flow_line = ancestry.line
    where line_leaf.line not in (select line from cash_lines)
    group by 1, 2
),

told as (
    select flows.month, sum(flows.amount) as amount
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
)

select
    monthly.line,
    monthly.month,
    monthly.amount,
    case monthly.role
        when 'opening_cash' then first_value(monthly.amount) over within_year
        when 'closing_cash' then monthly.amount
        else sum(monthly.amount) over within_year
    end as year_to_date,
    coalesce(earlier.amount, 0) as prior_year
from monthly
left join monthly as earlier
    on monthly.line = earlier.line and earlier.month = (monthly.month - interval '1 year')::date
window within_year as (partition by monthly.line, monthly.fiscal_year_start order by monthly.month);

create table line_axis_report as
with axes as (
    select distinct jsonb_object_keys(axis_values) as axis
    from raw.axis_combination
    where entity_id = %(entity_id)s
),

ends as (
    select account_code, month
    from line_trial_balance
    where closing < 0
),

sums as (
    select
        line_mapped.account_code,
        line_mapped.line,
        line_mapped.type,
        line_mapped.month,
        line_mapped.axis_combination,
        sum(line_mapped.amount) as amount
    from line_mapped
    group by 1, 2, 3, 4, 5
)

select
    axes.axis,
    coalesce(combinations.axis_values ->> axes.axis, '') as axis_value,
    case when ends.month is null then sums.line else coalesce(accounts.credit_line, sums.line) end as line,
    sums.month,
    sum(case sums.type when 'balance_sheet' then sums.amount else -sums.amount end) as amount
from sums
cross join axes
inner join mapped.account_line as accounts
    on accounts.entity_id = %(entity_id)s and sums.account_code = accounts.account_code
left join raw.axis_combination as combinations
    on combinations.entity_id = %(entity_id)s and sums.axis_combination = combinations.id
left join ends on sums.account_code = ends.account_code and sums.month = ends.month
group by 1, 2, 3, 4
having sum(sums.amount) <> 0
