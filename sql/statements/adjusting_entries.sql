-- Purpose: drill-down from a cell of a statement to the adjusting entries in it.
-- Grain: adjusting entry, by month.
-- Inputs: as reports/adjustment.sql, which says where an entry counts.
-- Invariants: debit positive; they add up to what marts.adjustment has for the cell, of profit and loss with
-- the other sign.
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

-- Where each counts at the end of the last month: on a line, or on another while its account is a credit.
counted as (
    select
        placed.*,
        case
            when %(statement)s = 'profit_and_loss' or placed.statement = 'balance_sheet' then placed.own_line
            when placed.fiscal_year_start = entity.this_year then entity.running_line
            else entity.carried_line
        end as debit_line,
        case
            when %(statement)s = 'profit_and_loss' then null
            when placed.statement = 'balance_sheet' then placed.own_credit_line
            when placed.fiscal_year_start <> entity.this_year then entity.carried_credit_line
        end as credit_line,
        case when placed.statement = 'balance_sheet' then placed.account_code else entity.carried_account end
            as account_of_line
    from placed
    cross join entity
    where
        %(statement)s = 'balance_sheet'
        or (placed.statement = 'profit_and_loss' and placed.month >= %(first)s)
)

select
    counted.month,
    counted.place,
    counted.name_en,
    counted.name_nl,
    counted.name_fr,
    counted.axis,
    counted.axis_value,
    counted.reason,
    counted.added_by,
    counted.added_at,
    counted.amount
from counted
left join marts.trial_balance as ledger
    on
        ledger.entity_id = %(entity_id)s
        and counted.account_of_line = ledger.account_code
        and ledger.month = %(last)s
inner join beneath
    on beneath.line = case
        when counted.credit_line is not null and ledger.closing < 0 then counted.credit_line
        else counted.debit_line
    end
order by counted.month, counted.id
