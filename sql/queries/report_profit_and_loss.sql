-- Purpose: the profit and loss of a period.
-- Grain: report line that has figures, or is a top line or the net result.
-- Invariants: credit positive. year_to_date: from the start of the fiscal year to the end of the
-- period, whose last month with figures is `position`. prior_year: the same months a year before.
select
    lines.line,
    case :language when 'nl' then lines.name_nl when 'fr' then lines.name_fr else lines.name_en end as name,
    lines.level,
    lines.role,
    coalesce(sum(marts.amount) filter (where marts.month between :first and :last), 0) as amount,
    coalesce(sum(marts.year_to_date) filter (where marts.month = :position), 0) as year_to_date,
    coalesce(sum(marts.amount) filter (where marts.month between :prior_first and :prior_last), 0)
        as prior_year
from marts.profit_and_loss as marts
inner join app.entity as entities on marts.entity_id = entities.id
inner join mapped.account_line as accounts
    on marts.entity_id = accounts.entity_id and accounts.account_code = '(result)'
inner join app.report_line as lines
    on accounts.structure_id = lines.structure_id and marts.line = lines.line
where
    entities.key = :entity
    and (
        marts.month between :first and :last
        or marts.month between :prior_first and :prior_last
        or marts.month = :position
    )
group by lines.line, lines.name_en, lines.name_nl, lines.name_fr, lines.level, lines.position, lines.role
having
    (lines.level = 0 and lines.role is distinct from 'unmapped')
    or lines.role = 'net_result'
    or bool_or(marts.amount <> 0 or (marts.month = :position and marts.year_to_date <> 0))
order by lines.position
