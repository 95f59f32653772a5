-- Purpose: what every statement is made of: the balances on each leaf, summed once for all of them.
-- Grain: leaf of the balance sheet or of profit and loss, Unmapped and "(result)" too, and month.
-- Inputs: marts.trial_balance, marts.part_balance, mapped.account_line, mapped.account_axis_line.
-- Invariants: over all leaves of a month the sums of the trial balance. Parts of accounts stand on their own
-- lines; what remains of an account stands on its credit line while that is a credit, where it has one: the
-- opening by the sign of the opening, the closing by that of the closing. Debit positive.
create temporary table stage_leaf on commit drop as
with remaining as (
    select
        balances.account_code,
        balances.month,
        balances.opening,
        balances.closing
    from marts.trial_balance as balances
    where
        balances.entity_id = %(entity_id)s
        and not exists (
            select from mapped.account_axis_line as parts
            where parts.entity_id = %(entity_id)s and balances.account_code = parts.account_code
        )
    union all
    select
        both_sides.account_code,
        both_sides.month,
        sum(both_sides.opening),
        sum(both_sides.closing)
    from (
        select
            balances.account_code,
            balances.month,
            balances.opening,
            balances.closing
        from (
            select distinct account_code from mapped.account_axis_line
            where entity_id = %(entity_id)s
        ) as parted
        inner join marts.trial_balance as balances
            on balances.entity_id = %(entity_id)s and parted.account_code = balances.account_code
        union all
        select
            account_code,
            month,
            -opening,
            -closing
        from marts.part_balance
        where entity_id = %(entity_id)s
    ) as both_sides
    group by 1, 2
),

standing as (
    select
        accounts.line,
        remaining.month,
        case when accounts.credit_line is null then remaining.opening else greatest(remaining.opening, 0) end
            as opening,
        case when accounts.credit_line is null then remaining.closing else greatest(remaining.closing, 0) end
            as closing
    from remaining
    inner join mapped.account_line as accounts
        on accounts.entity_id = %(entity_id)s and remaining.account_code = accounts.account_code
    union all
    select
        accounts.credit_line,
        remaining.month,
        least(remaining.opening, 0),
        least(remaining.closing, 0)
    from mapped.account_line as accounts
    inner join remaining on accounts.account_code = remaining.account_code
    where
        accounts.entity_id = %(entity_id)s
        and accounts.credit_line is not null
        and (remaining.opening < 0 or remaining.closing < 0)
    union all
    select
        parts.line,
        balances.month,
        balances.opening,
        balances.closing
    from mapped.account_axis_line as parts
    inner join marts.part_balance as balances
        on
            balances.entity_id = %(entity_id)s
            and parts.account_code = balances.account_code
            and parts.axis_value = balances.axis_value
    where parts.entity_id = %(entity_id)s
)

select
    standing.line,
    lines.statement,
    standing.month,
    sum(standing.opening) as opening,
    sum(standing.closing) as closing
from standing
inner join app.report_line as lines
    on
        standing.line = lines.line
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
group by 1, 2, 3
