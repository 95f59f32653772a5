-- Purpose: months in which the balance sheet does not add up to zero, the result of the year so far included.
-- Grain: month.
-- Inputs: marts.balance_sheet, app.report_line.
-- Invariants: expected is zero; found is the sum of the lines of level 0, debit positive.
with balances as (
    select
        sheet.month,
        sum(sheet.amount) as found
    from marts.balance_sheet as sheet
    inner join app.report_line as lines on sheet.line = lines.line
    where
        sheet.entity_id = %(entity_id)s
        and lines.level = 0
        and lines.statement = 'balance_sheet'
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
    group by sheet.month
    having sum(sheet.amount) <> 0
)

select
    'balance_sheet_unbalanced' as code,
    to_char(balances.month, 'YYYY-MM') as subject,
    to_char(balances.month, 'YYYY-MM') as period,
    months.fiscal_year_start,
    balances.month,
    0::numeric as expected,
    balances.found,
    null::int as number,
    null::jsonb as parts,
    'The balance sheet of ' || to_char(balances.month, 'YYYY-MM') || ' adds up to '
    || trim_scale(balances.found) || ' and not to 0.' as message
from balances
inner join mapped.fiscal_month as months
    on months.entity_id = %(entity_id)s and balances.month = months.month
