-- Purpose: profit and loss by the values of an axis, of a period and of the same period a year before.
-- Grain: report line of the entity's structure; its amounts that are not zero beside the numbers of their
-- columns, null where it has none.
-- Inputs: the first and the last months of both periods; values in the order of their columns, '' for lines
-- without one. Columns are numbered from 1: those of the values, one of all other values, the same of the
-- year before.
-- Invariants: credit positive; the columns of a period add up to its profit and loss.
with columns as (
    select
        value,
        number
    from unnest(%(values)s::text[]) with ordinality as columns (value, number)
),

periods as (
    select
        first,
        last,
        (number - 1) * (cardinality(%(values)s::text[]) + 1) as columns_before
    from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as periods (first, last, number)
),

sums as (
    select
        ancestry.ancestor as line,
        periods.columns_before + coalesce(columns.number, cardinality(%(values)s::text[]) + 1) as number,
        sum(figures.amount) as amount
    from marts.axis_report as figures
    inner join periods on figures.month between periods.first and periods.last
    inner join app.report_line_ancestry as ancestry
        on ancestry.structure_id = %(structure_id)s and figures.line = ancestry.line
    left join columns on figures.axis_value = columns.value
    where figures.entity_id = %(entity_id)s and figures.axis = %(axis)s
    group by ancestry.ancestor, periods.columns_before, columns.number
),

figures as (
    select
        line,
        array_agg(number::int) as numbers,
        array_agg(amount) as amounts
    from sums
    where amount <> 0
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
