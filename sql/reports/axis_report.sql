-- Purpose: what moved each leaf, apart for the values of every analytical axis.
-- Grain: axis, its value ('' for lines without one), leaf of the balance sheet or of profit and loss, and
-- month; where that is not zero.
-- Inputs: marts.balance_month, raw.axis_combination, mapped.account_line, mapped.account_axis_line,
-- mapped.fiscal_month, marts.trial_balance, marts.part_balance; the lines that are asked for, unless it is
-- everything.
-- Invariants: over the values of an axis, profit and loss of the month, credit positive, as the statement has
-- it; of the balance sheet what was booked in the month, debit positive, on the line where the account stands
-- at its end. What opens or closes a year is no movement.
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

-- Accounts that are read by their side, and whether they begin and end a month as a credit.
sides as materialized (
    select
        balances.account_code,
        balances.month,
        sum(balances.opening) < 0 as opens_as_credit,
        sum(balances.closing) < 0 as ends_as_credit
    from (
        select
            trial.account_code,
            trial.month,
            trial.opening,
            trial.closing
        from accounts
        inner join marts.trial_balance as trial
            on trial.entity_id = %(entity_id)s and accounts.account_code = trial.account_code
        where accounts.credit_line is not null
        union all
        select
            account_code,
            month,
            -opening,
            -closing
        from marts.part_balance
        where entity_id = %(entity_id)s
    ) as balances
    group by 1, 2
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

-- Where accounts stand at the end of each month.
standing as materialized (
    select
        accounts.account_code,
        months.month,
        coalesce(case when sides.ends_as_credit then accounts.credit_line end, accounts.line) as line,
        accounts.type
    from accounts
    cross join mapped.fiscal_month as months
    left join sides
        on accounts.account_code = sides.account_code and months.month = sides.month
    where months.entity_id = %(entity_id)s
),

placed as materialized (
    select
        coalesce(parts.line, standing.line) as line,
        balances.month,
        balances.axis_combination,
        standing.type,
        coalesce(
            sum(balances.debit - balances.credit) filter (
                where not balances.opening and balances.closing = ''
            ),
            0
        ) as amount
    from standing
    inner join marts.balance_month as balances
        on
            balances.entity_id = %(entity_id)s
            and standing.account_code = balances.account_code
            and standing.month = balances.month
    left join parts
        on
            balances.account_code = parts.account_code
            and balances.axis_combination = parts.axis_combination
    group by 1, 2, 3, 4
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
            select placed.axis_combination
            from placed
            where %(everything)s
            union
            select balances.axis_combination
            from marts.balance_month as balances
            where balances.entity_id = %(entity_id)s and not %(everything)s
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

-- A profit and loss account that crosses from side to side takes with it what it had in the year before.
crossed as (
    select
        accounts.line,
        accounts.credit_line,
        sides.ends_as_credit,
        sides.month,
        earlier.axis_combination,
        sum(earlier.debit) - sum(earlier.credit) as amount
    from accounts
    inner join sides
        on accounts.account_code = sides.account_code and sides.opens_as_credit <> sides.ends_as_credit
    inner join mapped.fiscal_month as months
        on months.entity_id = %(entity_id)s and sides.month = months.month
    inner join mapped.fiscal_month as months_before
        on
            months_before.entity_id = %(entity_id)s
            and months.fiscal_year_start = months_before.fiscal_year_start
            and months.month > months_before.month
    inner join marts.balance_month as earlier
        on
            earlier.entity_id = %(entity_id)s
            and accounts.account_code = earlier.account_code
            and months_before.month = earlier.month
            and not earlier.opening
            and earlier.closing = ''
    where
        accounts.type = 'profit_and_loss'
        and accounts.credit_line is not null
        and not exists (
            select from parts
            where
                accounts.account_code = parts.account_code
                and earlier.axis_combination = parts.axis_combination
        )
    group by 1, 2, 3, 4, 5
),

moved as (
    select
        line,
        month,
        axis_combination,
        case type when 'balance_sheet' then amount else -amount end as amount
    from placed
    union all
    select
        line,
        month,
        axis_combination,
        case when ends_as_credit then amount else -amount end
    from crossed
    union all
    select
        credit_line,
        month,
        axis_combination,
        case when ends_as_credit then -amount else amount end
    from crossed
)

select
    axis_values.axis,
    axis_values.axis_value,
    moved.line,
    moved.month,
    sum(moved.amount) as amount
from moved
inner join lines on moved.line = lines.line
inner join axis_values on moved.axis_combination = axis_values.axis_combination
group by 1, 2, 3, 4
having sum(moved.amount) <> 0
