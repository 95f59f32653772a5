-- Purpose: months in which the lines of the cash flow statement do not tell how cash moved.
-- Grain: month.
-- Inputs: marts.cash_flow, app.report_line.
-- Invariants: expected: what cash moved by, closing less opening; found: what the lines add up to. Leaves of
-- the balance sheet or of profit and loss that name no line of it make the difference.
with flows as (
    select
        flow.month,
        coalesce(sum(flow.amount) filter (where lines.role = 'closing_cash'), 0)
        - coalesce(sum(flow.amount) filter (where lines.role = 'opening_cash'), 0) as expected,
        coalesce(sum(flow.amount) filter (where lines.role = 'net_cash_flow'), 0) as found
    from marts.cash_flow as flow
    inner join app.report_line as lines on flow.line = lines.line
    where
        flow.entity_id = %(entity_id)s
        and lines.role in ('opening_cash', 'net_cash_flow', 'closing_cash')
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
    group by flow.month
)

select
    'cash_flow_differs' as code,
    to_char(flows.month, 'YYYY-MM') as subject,
    to_char(flows.month, 'YYYY-MM') as period,
    months.fiscal_year_start,
    flows.month,
    flows.expected,
    flows.found,
    null::int as number,
    null::jsonb as parts,
    'The cash flow of ' || to_char(flows.month, 'YYYY-MM') || ' tells ' || trim_scale(flows.found)
    || '; cash moved by ' || trim_scale(flows.expected) || '.' as message
from flows
inner join mapped.fiscal_month as months
    on months.entity_id = %(entity_id)s and flows.month = months.month
where flows.expected <> flows.found
