-- Purpose: the figures of a statement, of all months that its columns are made of.
-- Grain: report line of the entity's structure; its amounts that are not zero beside the numbers of their
-- months, null where it has none.
-- Inputs: months in the order of their numbers, the first is 1.
-- Invariants: profit and loss is credit positive, a balance sheet debit positive, cash flow positive where
-- cash comes in; to_date takes what there is since the start of the fiscal year in the place of the month;
-- adjusted adds what adjusting entries change.
with months as (
    select
        month,
        number
    from unnest(%(months)s::date[]) with ordinality as months (month, number)
),

marts as (
    select
        line,
        month,
        case when %(to_date)s then year_to_date else amount end as amount
    from marts.profit_and_loss
    where entity_id = %(entity_id)s and %(statement)s = 'profit_and_loss'
    union all
    select
        line,
        month,
        case when %(to_date)s then year_to_date else amount end
    from marts.balance_sheet
    where entity_id = %(entity_id)s and %(statement)s = 'balance_sheet'
    union all
    select
        line,
        month,
        case when %(to_date)s then year_to_date else amount end
    from marts.adjustment
    where entity_id = %(entity_id)s and %(adjusted)s
    union all
    select
        line,
        month,
        case when %(to_date)s then year_to_date else amount end
    from marts.cash_flow
    where entity_id = %(entity_id)s and %(statement)s = 'cash_flow'
),

amounts as (
    select
        marts.line,
        months.number::int as number,
        sum(marts.amount) as amount
    from marts
    inner join months on marts.month = months.month
    where marts.amount <> 0
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
    lines.top,
    lines.name_en,
    lines.name_nl,
    lines.name_fr,
    figures.numbers,
    figures.amounts
from app.report_line as lines
left join figures on lines.line = figures.line
where lines.structure_id = %(structure_id)s and lines.statement = %(statement)s
order by lines.position
