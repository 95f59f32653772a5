-- Purpose: the balance sheet at the end of a period.
-- Grain: report line that has figures, or is a top line.
-- Invariants: debit positive. year_to_date: change since the start of the fiscal year. prior_year:
-- the balance a year before.
select
    lines.line,
    lines.name_en as name,
    lines.level,
    lines.role,
    marts.amount,
    marts.year_to_date,
    marts.prior_year
from marts.balance_sheet as marts
inner join app.entity as entities on marts.entity_id = entities.id
inner join mapped.account_line as accounts
    on marts.entity_id = accounts.entity_id and accounts.account_code = '(result)'
inner join app.report_line as lines
    on accounts.structure_id = lines.structure_id and marts.line = lines.line
where
    entities.key = :entity
    and marts.month = :last
    and :first <= marts.month
    and (
        (lines.level = 0 and lines.role is distinct from 'unmapped')
        or marts.amount <> 0
        or marts.year_to_date <> 0
        or marts.prior_year <> 0
    )
order by lines.position
