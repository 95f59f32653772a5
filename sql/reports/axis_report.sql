-- Purpose: what moved each leaf, apart for the values of every analytical axis.
-- Grain: axis, its value ('' for lines without one), leaf of the balance sheet or of profit and loss, and
-- month; where that is not zero.
-- Inputs: marts.balance_month, raw.axis_combination, mapped.account_line, mapped.account_axis_line,
-- marts.trial_balance, marts.part_balance; the lines that are asked for, unless it is everything.
-- Invariants: over the values of an axis, profit and loss of the month, credit positive; of the balance sheet
-- what was booked in the month, debit positive, on the line where the account stands at its end. What opens
-- or closes a year is no movement.
with lines as (
    select line
    from mapped.account_line
    where entity_id = %(entity_id)s and %(everything)s
    union
    select credit_line
    from mapped.account_line
    where entity_id = %(entity_id)s and %(everything)s and credit_line is not null
    union
    select line
    from mapped.account_axis_line
    where entity_id = %(entity_id)s and %(everything)s
    union
    select unnest(%(moved_lines)s::text[])
),

-- Accounts that have something on these lines.
accounts as materialized (
    select
        account_code,
        type,
        line,
        credit_line
    from mapped.account_line
    where
        entity_id = %(entity_id)s
        and (
            line in (select line from lines)
            or credit_line in (select line from lines)
            or account_code in (
                select parts.account_code
                from mapped.account_axis_line as parts
                inner join lines on parts.line = lines.line
                where parts.entity_id = %(entity_id)s
            )
        )
),

-- Combinations outlive their lines; an axis that no line has any more is none of these books.
used as materialized (
    select
        combinations.id,
        combinations.axis_values
    from raw.axis_combination as combinations
    where
        combinations.entity_id = %(entity_id)s
        and combinations.id in (
            select balances.axis_combination
            from marts.balance_month as balances
            where balances.entity_id = %(entity_id)s
        )
),

axes as (
    select distinct jsonb_object_keys(axis_values) as axis
    from used
),

combinations as (
    select
        id,
        axis_values
    from used
    union all
    select
        0,
        '{}'::jsonb
),

axis_values as materialized (
    select
        axes.axis,
        combinations.id as axis_combination,
        coalesce(combinations.axis_values ->> axes.axis, '') as axis_value
    from axes
    cross join combinations
),

-- Accounts that are read by their side, in the months that they end as a credit.
credits as (
    select
        balances.account_code,
        balances.month
    from (
        select
            trial.account_code,
            trial.month,
            trial.closing
        from accounts
        inner join marts.trial_balance as trial
            on trial.entity_id = %(entity_id)s and accounts.account_code = trial.account_code
        where accounts.credit_line is not null
        union all
        select
            account_code,
            month,
            -closing
        from marts.part_balance
        where entity_id = %(entity_id)s
    ) as balances
    group by 1, 2
    having sum(balances.closing) < 0
),

parts as (
    select
        parts.account_code,
        combinations.id as axis_combination,
        parts.line
    from mapped.account_axis_line as parts
    inner join app.entity as entities on parts.entity_id = entities.id
    inner join raw.axis_combination as combinations
        on
            combinations.entity_id = %(entity_id)s
            and combinations.axis_values ->> entities.primary_axis = parts.axis_value
    where parts.entity_id = %(entity_id)s
),

placed as materialized (
    select
        coalesce(
            parts.line,
            case when credits.account_code is not null then accounts.credit_line end,
            accounts.line
        ) as line,
        balances.month,
        balances.axis_combination,
        accounts.type,
        sum(balances.debit) - sum(balances.credit) as amount
    from accounts
    inner join marts.balance_month as balances
        on balances.entity_id = %(entity_id)s and accounts.account_code = balances.account_code
    left join credits
        on balances.account_code = credits.account_code and balances.month = credits.month
    left join parts
        on
            balances.account_code = parts.account_code
            and balances.axis_combination = parts.axis_combination
    where
        not balances.opening
        and balances.closing = ''
        and exists (select from axis_values)
    group by 1, 2, 3, 4
)

select
    axis_values.axis,
    axis_values.axis_value,
    placed.line,
    placed.month,
    sum(case placed.type when 'balance_sheet' then placed.amount else -placed.amount end) as amount
from placed
inner join lines on placed.line = lines.line
inner join axis_values on placed.axis_combination = axis_values.axis_combination
group by 1, 2, 3, 4
having sum(placed.amount) <> 0
