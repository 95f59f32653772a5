-- Purpose: the profit and loss of a period.
-- Grain: report line that has figures, or is a top line or the net result.
-- Invariants: credit positive. year_to_date: from the start of the fiscal year to the end of the
-- period. prior_year: the same months a year before.
select
    lines.line,
    lines.name_en as name,
    lines.level,
    lines.role,
    sum(marts.amount) as amount,
    sum(marts.year_to_date) filter (where marts.month = :last) as year_to_date,
    sum(marts.prior_year) as prior_year
from marts.profit_and_loss as marts
inner join app.entity as entities on marts.entity_id = entities.id
inner join mapped.account_line as accounts
    on marts.entity_id = accounts.entity_id and accounts.account_code = '(result)'
inner join app.report_line as lines
    on accounts.structure_id = lines.structure_id and marts.line = lines.line
where entities.key = :entity and marts.month between :first and :last
group by lines.line, lines.name_en, lines.level, lines.position, lines.role
having
    (lines.level = 0 and lines.role is distinct from 'unmapped')
    or lines.role = 'net_result'
    or bool_or(marts.amount <> 0 or marts.year_to_date <> 0 or marts.prior_year <> 0)
order by lines.position
