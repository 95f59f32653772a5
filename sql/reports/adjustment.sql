-- Purpose: what adjusting entries add to the lines of profit and loss and of the balance sheet.
-- Grain: report line (subtotals too) and month of the books, where anything is not zero.
-- Inputs: app.adjusting_entry, mapped.account_line, mapped.account_axis_line, mapped.fiscal_month,
-- app.report_line, app.report_line_ancestry; marts.trial_balance for accounts whose line has sides.
-- Invariants: as the statements: profit and loss credit positive, for the month and since the start of the
-- fiscal year; balance sheet debit positive, carried on from month to month. The result of the running year
-- stands on the line for it, and goes to where the result is carried forward at the turn of the year. Entries
-- of months outside the books count nowhere; those whose account or line is gone stand under Unmapped.
with entity as (
    select
        coalesce(entities.result_account, '(result)') as result_account,
        entities.primary_axis,
        carried.structure_id
    from app.entity as entities
    inner join mapped.account_line as carried
        on entities.id = carried.entity_id and carried.account_code = '(result)'
    where entities.id = %(entity_id)s
),

months as (
    select
        *,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

placed as (
    select
        months.month,
        months.fiscal_year_start,
        coalesce(accounts.type, lines.statement, 'balance_sheet') as statement,
        coalesce(of_axis.line, accounts.line, lines.line, 'unmapped:balance_sheet') as line,
        case when of_axis.line is null then accounts.credit_line end as credit_line,
        case when of_axis.line is null and accounts.credit_line is not null then accounts.account_code end
            as account_code,
        entries.amount
    from app.adjusting_entry as entries
    cross join entity
    inner join months on entries.month = months.month
    left join mapped.account_line as accounts
        on entries.entity_id = accounts.entity_id and entries.account_code = accounts.account_code
    left join mapped.account_axis_line as of_axis
        on
            entries.entity_id = of_axis.entity_id
            and entries.account_code = of_axis.account_code
            and entries.axis_value = of_axis.axis_value
            and entries.axis = entity.primary_axis
    left join app.report_line as lines
        on
            entity.structure_id = lines.structure_id
            and entries.line = lines.line
            and lines.statement in ('balance_sheet', 'profit_and_loss')
    where entries.entity_id = %(entity_id)s and entries.removed_at is null
),

years as (
    select
        fiscal_year_start,
        lead(month) over (order by month) as next_month
    from months
    where month = first_month
),

-- The result that a fiscal year's entries make, and where the next one begins.
results as (
    select
        years.next_month,
        sum(placed.amount) as amount
    from placed
    inner join years on placed.fiscal_year_start = years.fiscal_year_start
    where placed.statement = 'profit_and_loss' and years.next_month is not null
    group by placed.fiscal_year_start, years.next_month
),

running_result as (
    select lines.line
    from app.report_line as lines
    inner join entity on lines.structure_id = entity.structure_id
    where lines.role = 'result_of_year'
),

moves as (
    select
        account_code,
        line,
        credit_line,
        month,
        0::numeric as at_turn,
        amount as moved
    from placed
    where statement = 'balance_sheet'
    union all
    select
        null,
        running_result.line,
        null,
        placed.month,
        0,
        placed.amount
    from placed
    cross join running_result
    where placed.statement = 'profit_and_loss'
    union all
    select
        null,
        running_result.line,
        null,
        results.next_month,
        -results.amount,
        0
    from results
    cross join running_result
    union all
    select
        case when carried.credit_line is not null then carried.account_code end,
        carried.line,
        carried.credit_line,
        results.next_month,
        results.amount,
        0
    from results
    cross join entity
    inner join mapped.account_line as carried
        on carried.entity_id = %(entity_id)s and entity.result_account = carried.account_code
),

places as (
    select distinct
        account_code,
        line,
        credit_line
    from moves
),

running as (
    select
        places.account_code,
        places.line,
        places.credit_line,
        months.month,
        months.first_month,
        coalesce(sum(moves.moved), 0) as moved,
        sum(coalesce(sum(moves.at_turn + moves.moved), 0)) over (
            partition by places.account_code, places.line, places.credit_line order by months.month
        ) as closing
    from places
    cross join months
    left join moves
        on
            places.account_code is not distinct from moves.account_code
            and places.line = moves.line
            and places.credit_line is not distinct from moves.credit_line
            and months.month = moves.month
    group by places.account_code, places.line, places.credit_line, months.month, months.first_month
),

sheet as (
    select
        ancestry.ancestor as line,
        running.month,
        running.first_month,
        sum(running.closing) as closing,
        sum(running.closing - running.moved) as opening
    from running
    cross join entity
    left join marts.trial_balance as ledger
        on
            ledger.entity_id = %(entity_id)s
            and running.account_code = ledger.account_code
            and running.month = ledger.month
    inner join app.report_line_ancestry as ancestry
        on
            entity.structure_id = ancestry.structure_id
            and ancestry.line = case
                when running.credit_line is not null and ledger.closing < 0 then running.credit_line
                else running.line
            end
    group by ancestry.ancestor, running.month, running.first_month
),

flows as (
    select
        ancestry.ancestor as line,
        placed.month,
        -sum(placed.amount) as amount
    from placed
    cross join entity
    inner join app.report_line_ancestry as ancestry
        on entity.structure_id = ancestry.structure_id and placed.line = ancestry.line
    where placed.statement = 'profit_and_loss'
    group by ancestry.ancestor, placed.month
),

lines_with_flows as (
    select distinct line
    from flows
),

monthly as (
    select
        sheet.line,
        sheet.month,
        sheet.closing as amount,
        sheet.closing - coalesce(at_start.opening, 0) as year_to_date
    from sheet
    left join sheet as at_start on sheet.line = at_start.line and sheet.first_month = at_start.month
    union all
    select
        lines_with_flows.line,
        months.month,
        coalesce(flows.amount, 0),
        sum(coalesce(flows.amount, 0)) over (
            partition by lines_with_flows.line, months.fiscal_year_start order by months.month
        )
    from lines_with_flows
    cross join months
    left join flows on lines_with_flows.line = flows.line and months.month = flows.month
)

select
    line,
    month,
    amount,
    year_to_date
from monthly
where amount <> 0 or year_to_date <> 0
