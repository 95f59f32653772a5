-- Purpose: drill-down from a cell of a statement to the accounts that it is made of.
-- Grain: account with anything but zero on the line of the cell, or on a line beneath it, in the period.
-- Invariants: debit positive; what moved in a cell of profit and loss, the closing balances in one of the
-- balance sheet, and minus what moved in one of the cash flow add up to it; in that of the cash at the start
-- and at the end the balances. The running result of profit and loss accounts stands on the balance sheet's
-- line for it. Of an account only what stands on these lines counts: the parts for values of the primary axis
-- that are placed there, and its balance while it is on that side.
with recursive structure as (
    select
        line,
        statement,
        parent,
        role,
        cash_flow_line
    from app.report_line
    where structure_id = %(structure_id)s
),

beneath as (
    select
        line,
        role
    from structure
    where line = %(line)s
    union all
    select
        structure.line,
        structure.role
    from beneath
    inner join structure on beneath.line = structure.parent
),

cash_lines as (
    select line
    from structure
    where role = 'cash'
    union all
    select structure.line
    from cash_lines
    inner join structure on cash_lines.line = structure.parent
),

-- The line of the cash flow statement that each leaf counts in, as cash_flow.sql has it.
flows as (
    select
        structure.line,
        takers.line as flow
    from structure
    left join structure as takers
        on
            structure.cash_flow_line = takers.line
            and takers.statement = 'cash_flow'
            and takers.role is null
            and not exists (select from structure as children where takers.line = children.parent)
    where
        %(statement)s = 'cash_flow'
        and structure.statement <> 'cash_flow'
        and structure.line not in (select line from cash_lines)
),

leaves as (
    select line
    from beneath
    where %(statement)s <> 'cash_flow'
    union
    select structure.line
    from structure
    where
        %(statement)s = 'balance_sheet'
        and structure.statement = 'profit_and_loss'
        and exists (select from beneath where role = 'result_of_year')
    union
    select flows.line
    from flows
    where
        flows.flow in (select line from beneath)
        or (flows.flow is null and exists (select from beneath where role = 'unmapped'))
    union
    select line
    from cash_lines
    where
        %(statement)s = 'cash_flow'
        and exists (select from beneath where role in ('opening_cash', 'closing_cash'))
),

accounts as (
    select
        account_code,
        name,
        line,
        credit_line
    from mapped.account_line
    where
        entity_id = %(entity_id)s
        and (line in (select line from leaves) or credit_line in (select line from leaves))
),

-- What the accounts have apart from the parts that stand elsewhere.
remaining as (
    select
        both_sides.account_code,
        both_sides.month,
        sum(both_sides.opening) as opening,
        sum(both_sides.closing) as closing
    from (
        select
            balances.account_code,
            balances.month,
            balances.opening,
            balances.closing
        from accounts
        inner join marts.trial_balance as balances
            on balances.entity_id = %(entity_id)s and accounts.account_code = balances.account_code
        union all
        select
            balances.account_code,
            balances.month,
            -balances.opening,
            -balances.closing
        from accounts
        inner join marts.part_balance as balances
            on balances.entity_id = %(entity_id)s and accounts.account_code = balances.account_code
    ) as both_sides
    where
        both_sides.month between %(first)s and %(last)s
        and (%(statement)s <> 'balance_sheet' or both_sides.month in (%(first)s, %(last)s))
    group by 1, 2
),

standing as (
    select
        accounts.account_code,
        accounts.name,
        remaining.month,
        case when accounts.credit_line is null then remaining.opening else greatest(remaining.opening, 0) end
            as opening,
        case when accounts.credit_line is null then remaining.closing else greatest(remaining.closing, 0) end
            as closing
    from accounts
    inner join remaining on accounts.account_code = remaining.account_code
    where accounts.line in (select line from leaves)
    union all
    select
        accounts.account_code,
        accounts.name,
        remaining.month,
        least(remaining.opening, 0),
        least(remaining.closing, 0)
    from accounts
    inner join remaining on accounts.account_code = remaining.account_code
    where accounts.credit_line in (select line from leaves)
    union all
    select
        named.account_code,
        named.name,
        balances.month,
        balances.opening,
        balances.closing
    from mapped.account_axis_line as parts
    inner join mapped.account_line as named
        on named.entity_id = %(entity_id)s and parts.account_code = named.account_code
    inner join marts.part_balance as balances
        on
            balances.entity_id = %(entity_id)s
            and parts.account_code = balances.account_code
            and parts.axis_value = balances.axis_value
    where
        parts.entity_id = %(entity_id)s
        and parts.line in (select line from leaves)
        and balances.month between %(first)s and %(last)s
        and (%(statement)s <> 'balance_sheet' or balances.month in (%(first)s, %(last)s))
),

summed as (
    select
        account_code as account,
        name,
        sum(case when month = %(first)s then opening else 0 end) as opening,
        sum(closing - opening) as moved,
        sum(case when month = %(last)s then closing else 0 end) as closing,
        bool_or(closing <> opening) as has_moved
    from standing
    group by 1, 2
)

select
    account,
    name,
    opening,
    case when %(statement)s = 'balance_sheet' then closing - opening else moved end as moved,
    closing
from summed
where opening <> 0 or closing <> 0 or has_moved
order by 1
