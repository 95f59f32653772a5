-- Purpose: what adjusting entries add to the lines of profit and loss and of the balance sheet.
-- Grain: report line (subtotals too) and month of the books, where anything is not zero.
-- Inputs: app.adjusting_entry, mapped.account_line, mapped.account_axis_line, mapped.fiscal_month,
-- app.report_line, app.report_line_ancestry; marts.trial_balance and marts.part_balance for accounts whose
-- line has sides.
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
        statement,
        account_code,
        line,
        credit_line,
        month,
        0::numeric as at_turn,
        amount as moved
    from placed
    union all
    select
        'balance_sheet',
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
        'balance_sheet',
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
        'balance_sheet',
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
        statement,
        account_code,
        line,
        credit_line
    from moves
),

running as (
    select
        places.statement,
        places.account_code,
        places.line,
        places.credit_line,
        months.month,
        months.first_month,
        coalesce(sum(moves.moved), 0) as moved,
        sum(coalesce(sum(moves.at_turn + moves.moved), 0)) over (
            partition by
                places.statement,
                places.account_code,
                places.line,
                places.credit_line,
                case places.statement when 'profit_and_loss' then months.fiscal_year_start end
            order by months.month
        ) as closing
    from places
    cross join months
    left join moves
        on
            places.statement = moves.statement
            and places.account_code is not distinct from moves.account_code
            and places.line = moves.line
            and places.credit_line is not distinct from moves.credit_line
            and months.month = moves.month
    group by
        places.statement,
        places.account_code,
        places.line,
        places.credit_line,
        months.month,
        months.first_month,
        months.fiscal_year_start
),

-- What accounts have in the ledger, without the parts that stand elsewhere: the sign says on which side.
remaining as (
    select
        account_code,
        month,
        sum(opening) as opening,
        sum(closing) as closing
    from (
        select
            account_code,
            month,
            opening,
            closing
        from marts.trial_balance
        where entity_id = %(entity_id)s
        union all
        select
            account_code,
            month,
            -opening,
            -closing
        from marts.part_balance
        where entity_id = %(entity_id)s
    ) as both_sides
    where account_code in (select account_code from places)
    group by account_code, month
),

standing as (
    select
        running.month,
        running.first_month,
        case
            when remaining.opening < 0 then coalesce(running.credit_line, running.line) else running.line
        end as line,
        running.closing - running.moved as opening,
        0 as closing
    from running
    left join remaining on running.account_code = remaining.account_code and running.month = remaining.month
    union all
    select
        running.month,
        running.first_month,
        case
            when remaining.closing < 0 then coalesce(running.credit_line, running.line) else running.line
        end,
        0,
        running.closing
    from running
    left join remaining on running.account_code = remaining.account_code and running.month = remaining.month
),

reported as (
    select
        ancestry.ancestor as line,
        lines.statement,
        standing.month,
        standing.first_month,
        sum(standing.opening) as opening,
        sum(standing.closing) as closing
    from standing
    cross join entity
    inner join app.report_line_ancestry as ancestry
        on entity.structure_id = ancestry.structure_id and standing.line = ancestry.line
    inner join app.report_line as lines
        on entity.structure_id = lines.structure_id and ancestry.ancestor = lines.line
    group by ancestry.ancestor, lines.statement, standing.month, standing.first_month
),

monthly as (
    select
        reported.line,
        reported.month,
        case reported.statement
            when 'profit_and_loss' then reported.opening - reported.closing
            else reported.closing
        end as amount,
        case reported.statement
            when 'profit_and_loss' then -reported.closing
            else reported.closing - coalesce(at_start.opening, 0)
        end as year_to_date
    from reported
    left join reported as at_start
        on reported.line = at_start.line and reported.first_month = at_start.month
)

select
    line,
    month,
    amount,
    year_to_date
from monthly
where amount <> 0 or year_to_date <> 0
