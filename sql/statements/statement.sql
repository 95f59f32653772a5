-- Purpose: the figures of a profit and loss statement or balance sheet, many periods side by side.
-- Grain: report line of the entity's structure; its amounts that are not zero beside the numbers of their
-- columns, null where it has none.
-- Inputs: months and numbers are pairs: a month that counts in the column of a number. Of a balance sheet,
-- which has balances, it is the month whose end a column shows.
-- Invariants: profit and loss is credit positive, a balance sheet debit positive; to_date takes what there is
-- since the start of the fiscal year, up to the month, in the place of the month. adjusted adds what
-- adjusting entries change.
with months as (
    select
        month,
        number
    from unnest(%(months)s::date[], %(numbers)s::int[]) as months (month, number)
),

marts as (
    select
        line,
        month,
        amount,
        year_to_date
    from marts.profit_and_loss
    where entity_id = %(entity_id)s and %(statement)s = 'profit_and_loss'
    union all
    select
        line,
        month,
        amount,
        year_to_date
    from marts.balance_sheet
    where entity_id = %(entity_id)s and %(statement)s = 'balance_sheet'
    union all
    select
        line,
        month,
        amount,
        year_to_date
    from marts.adjustment
    where entity_id = %(entity_id)s and %(adjusted)s
),

amounts as (
    select
        marts.line,
        months.number,
        sum(case when %(to_date)s then marts.year_to_date else marts.amount end) as amount
    from marts
    inner join months on marts.month = months.month
    where case when %(to_date)s then marts.year_to_date else marts.amount end <> 0
    group by marts.line, months.number
),

figures as (
    select
        line,
        array_agg(number) as numbers,
        array_agg(amount) as amounts
    from amounts
    where amount <> 0
    group by line
)

select
    lines.line,
    lines.parent,
    lines.level,
    lines.role,
    lines.name_en,
    lines.name_nl,
    lines.name_fr,
    figures.numbers,
    figures.amounts
from app.report_line as lines
left join figures on lines.line = figures.line
where lines.structure_id = %(structure_id)s and lines.statement = %(statement)s
order by lines.position
