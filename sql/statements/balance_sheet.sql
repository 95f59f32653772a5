-- Purpose: what is owned and owed at the end of many months side by side.
-- Grain: report line of the entity's structure, with one amount a column, in the order of the columns.
-- Inputs: months and numbers are pairs: the month whose end the column of a number shows.
-- Invariants: debit positive; to_date takes the change since the start of the fiscal year.
with months as (
    select
        month,
        number
    from unnest(cast(%(months)s as date []), cast(%(numbers)s as int [])) as months (month, number)
),

amounts as (
    select
        marts.line,
        months.number,
        sum(case when %(to_date)s then marts.year_to_date else marts.amount end) as amount
    from marts.balance_sheet as marts
    inner join months on marts.month = months.month
    where marts.entity_id = %(entity_id)s
    group by marts.line, months.number
)

select
    lines.line,
    lines.parent,
    lines.level,
    lines.role,
    lines.name_en,
    lines.name_nl,
    lines.name_fr,
    array(
        select coalesce(amounts.amount, 0)
        from generate_series(0, %(columns)s - 1) as numbers (number)
        left join amounts on numbers.number = amounts.number and lines.line = amounts.line
        order by numbers.number
    ) as amounts
from app.report_line as lines
where lines.structure_id = %(structure_id)s and lines.statement = 'balance_sheet'
order by lines.position
