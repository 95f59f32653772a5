-- Purpose: drill-down from a cell of a statement to the adjusting entries in it.
-- Grain: adjusting entry, by month.
-- Inputs: as reports/adjustment.sql, which says where an entry counts.
-- Invariants: debit positive; they add up to what marts.adjustment has for the cell, of profit and loss with
-- the other sign. An account of profit and loss that crosses to its other side takes its entries along.
with beneath as (
    select line from app.report_line_ancestry
    where structure_id = %(structure_id)s and ancestor = %(line)s
),

entity as (
    select
        entities.primary_axis,
        carried.line as carried_line,
        carried.credit_line as carried_credit_line,
        carried.account_code as carried_account,
        (
            select line from app.report_line
            where structure_id = %(structure_id)s and role = 'result_of_year'
        ) as running_line,
        (
            select fiscal_year_start from mapped.fiscal_month
            where entity_id = entities.id and month = %(last)s
        ) as this_year
    from app.entity as entities
    inner join mapped.account_line as carried
        on
            entities.id = carried.entity_id
            and carried.account_code = coalesce(entities.result_account, '(result)')
    where entities.id = %(entity_id)s
),

placed as (
    select
        entries.*,
        months.fiscal_year_start,
        coalesce(accounts.type, lines.statement, 'balance_sheet') as statement,
        coalesce(of_axis.line, accounts.line, lines.line, 'unmapped:balance_sheet') as own_line,
        case when of_axis.line is null then accounts.credit_line end as own_credit_line,
        coalesce(entries.account_code, entries.line) as place,
        coalesce(accounts.name, lines.name_en, '') as name_en,
        coalesce(accounts.name, lines.name_nl, '') as name_nl,
        coalesce(accounts.name, lines.name_fr, '') as name_fr
    from app.adjusting_entry as entries
    cross join entity
    inner join mapped.fiscal_month as months
        on entries.entity_id = months.entity_id and entries.month = months.month
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
            lines.structure_id = %(structure_id)s
            and entries.line = lines.line
            and lines.statement in ('balance_sheet', 'profit_and_loss')
    where entries.entity_id = %(entity_id)s and entries.removed_at is null and entries.month <= %(last)s
),

-- Each entry in the months of the cell in which its account or line has it: for the balance sheet the last.
counted as (
    select
        placed.id,
        months.month,
        %(statement)s = 'profit_and_loss' and placed.month < months.month as had_before,
        case
            when %(statement)s = 'profit_and_loss' or placed.statement = 'balance_sheet' then placed.own_line
            when placed.fiscal_year_start = entity.this_year then entity.running_line
            else entity.carried_line
        end as debit_line,
        case
            when %(statement)s = 'profit_and_loss' or placed.statement = 'balance_sheet'
                then placed.own_credit_line
            when placed.fiscal_year_start <> entity.this_year then entity.carried_credit_line
        end as credit_line,
        case
            when %(statement)s = 'profit_and_loss' or placed.statement = 'balance_sheet'
                then placed.account_code
            else entity.carried_account
        end as account_of_line
    from placed
    cross join entity
    inner join mapped.fiscal_month as months
        on
            months.entity_id = %(entity_id)s
            and months.month between placed.month and %(last)s
            and case %(statement)s
                when 'profit_and_loss'
                    then
                        placed.statement = 'profit_and_loss'
                        and months.month >= %(first)s
                        and placed.fiscal_year_start = months.fiscal_year_start
                else months.month = %(last)s
            end
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
    where account_code in (select account_of_line from counted where credit_line is not null)
    group by account_code, month
),

standing as (
    select
        counted.id,
        counted.had_before,
        case when remaining.opening < 0 then counted.credit_line end as opening_line,
        case when remaining.closing < 0 then counted.credit_line end as closing_line,
        counted.debit_line
    from counted
    left join remaining
        on counted.account_of_line = remaining.account_code and counted.month = remaining.month
),

-- How often the cell has it: once, or minus once where the account left these lines with what it had before.
shares as (
    select
        id,
        count(*) filter (where coalesce(closing_line, debit_line) in (select line from beneath))
        - count(*) filter (
            where had_before and coalesce(opening_line, debit_line) in (select line from beneath)
        ) as share
    from standing
    group by id
)

select
    placed.month,
    placed.place,
    placed.name_en,
    placed.name_nl,
    placed.name_fr,
    placed.axis,
    placed.axis_value,
    placed.reason,
    placed.added_by,
    placed.added_at,
    placed.amount * shares.share as amount
from placed
inner join shares on placed.id = shares.id
where shares.share <> 0
order by placed.month, placed.id
