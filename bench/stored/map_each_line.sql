-- Purpose: the peer of our marts: every ledger line is mapped, and each report is summed from lines.
-- Inputs: raw.gl_transaction, mapped.account_line, mapped.fiscal_month, app.report_line.
-- Invariants: the same figures as marts.trial_balance, marts.profit_and_loss and marts.balance_sheet,
-- for books without opening entries and without a result account.
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

summed as (
    select
        case line_mapped.type
            when 'balance_sheet' then line_mapped.line
            else (select line from structure where role = 'result_of_year')
        end as line,
        line_mapped.type,
        line_mapped.month,
        line_mapped.fiscal_year_start,
        sum(line_mapped.amount) as amount
    from line_mapped
    group by 1, 2, 3, 4
),

turned as (
    select
        summed.line,
        years.month,
        sum(summed.amount) as amount
    from summed
    inner join (
        select
            fiscal_year_start,
            lead(min(month)) over (order by fiscal_year_start) as month
        from mapped.fiscal_month
        where entity_id = %(entity_id)s
        group by 1
    ) as years on summed.fiscal_year_start = years.fiscal_year_start
    where summed.type = 'profit_and_loss' and years.month is not null
    group by 1, 2
),

movements as (
    select line, month, amount, amount as within_year from summed
    union all
    select line, month, -amount, 0 from turned
    union all
    select '(result)', month, amount, 0 from turned
),

totals as (
    select
        ancestry.ancestor as line,
        movements.month,
        sum(movements.amount) as amount,
        sum(movements.within_year) as within_year
    from movements
    inner join ancestry on movements.line = ancestry.line
    group by 1, 2
),

monthly as (
    select
        structure.line,
        months.month,
        sum(coalesce(totals.amount, 0)) over (
            partition by structure.line order by months.month
        ) as amount,
        sum(coalesce(totals.within_year, 0)) over (
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
    on monthly.line = earlier.line and earlier.month = (monthly.month - interval '1 year')::date
