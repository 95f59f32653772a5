-- Purpose: profit and loss of one value of an axis, of all months that its columns are made of.
-- Grain: report line of the entity's structure; its amounts that are not zero beside the numbers of their
-- months, null where it has none.
-- Inputs: months in the order of their numbers, the first is 1.
-- Invariants: credit positive; over all values of an axis, the profit and loss.
with months as (
    select
        month,
        number
    from unnest(%(months)s::date[]) with ordinality as months (month, number)
),

sums as (
    select
        ancestry.ancestor as line,
        months.number,
        sum(figures.amount) as amount
    from marts.axis_report as figures
    inner join months on figures.month = months.month
    inner join app.report_line_ancestry as ancestry
        on ancestry.structure_id = %(structure_id)s and figures.line = ancestry.line
    where
        figures.entity_id = %(entity_id)s
        and figures.axis = %(axis)s
        and figures.axis_value = %(value)s
    group by ancestry.ancestor, months.number
),

figures as (
    select
        line,
        array_agg(number::int) as numbers,
        array_agg(amount) as amounts
    from sums
    group by line
)

select
    lines.line,
    lines.parent,
    lines.level,
    lines.role,
    lines.top,
    lines.name_en,
    lines.name_nl,
    lines.name_fr,
    figures.numbers,
    figures.amounts
from app.report_line as lines
left join figures on lines.line = figures.line
where lines.structure_id = %(structure_id)s and lines.statement = 'profit_and_loss'
order by lines.position
