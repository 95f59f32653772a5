-- Purpose: a line of a statement by the values of an axis, of all months that its columns are made of.
-- Grain: value of the axis, '' for lines without one; what moved on the line and beneath it, beside the
-- numbers of the months.
-- Inputs: months in the order of their numbers, the first is 1.
-- Invariants: profit and loss is credit positive, a balance sheet debit positive.
with months as (
    select
        month,
        number
    from unnest(%(months)s::date[]) with ordinality as months (month, number)
),

sums as (
    select
        figures.axis_value,
        months.number,
        sum(figures.amount) as amount
    from marts.axis_report as figures
    inner join months on figures.month = months.month
    inner join app.report_line_ancestry as ancestry
        on
            ancestry.structure_id = %(structure_id)s
            and ancestry.ancestor = %(line)s
            and figures.line = ancestry.line
    where figures.entity_id = %(entity_id)s and figures.axis = %(axis)s
    group by 1, 2
)

select
    sums.axis_value as value,
    coalesce(names.name, '') as name,
    array_agg(sums.number::int) as numbers,
    array_agg(sums.amount) as amounts
from sums
left join raw.axis_value as names
    on names.entity_id = %(entity_id)s and names.axis = %(axis)s and sums.axis_value = names.code
where sums.amount <> 0
group by 1, 2
order by 1
