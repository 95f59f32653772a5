-- Purpose: the balance sheet at the end of a month of the ledger.
-- Grain: report line that has figures, or is a top line.
-- Invariants: debit positive. year_to_date: change since the start of the fiscal year. prior_year:
-- the balance at the end of the month `prior`, which may be one of no bookings.
select
    lines.line,
    case :language when 'nl' then lines.name_nl when 'fr' then lines.name_fr else lines.name_en end as name,
    lines.level,
    lines.role,
    marts.amount,
    marts.year_to_date,
    coalesce(earlier.amount, 0) as prior_year
from marts.balance_sheet as marts
inner join app.entity as entities on marts.entity_id = entities.id
inner join mapped.account_line as accounts
    on marts.entity_id = accounts.entity_id and accounts.account_code = '(result)'
inner join app.report_line as lines
    on accounts.structure_id = lines.structure_id and marts.line = lines.line
left join marts.balance_sheet as earlier
    on marts.entity_id = earlier.entity_id and marts.line = earlier.line and earlier.month = :prior
where
    entities.key = :entity
    and marts.month = :last
    and (
        (lines.level = 0 and lines.role is distinct from 'unmapped')
        or marts.amount <> 0
        or marts.year_to_date <> 0
        or earlier.amount <> 0
    )
order by lines.position
