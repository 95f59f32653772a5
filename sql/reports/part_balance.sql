-- Purpose: the balances of the parts of accounts that stand elsewhere, for a value of the primary axis.
-- Grain: account, value that is placed on a line of its own, and month, where anything is not zero.
-- Inputs: mapped.account_axis_line, marts.balance_month, raw.axis_combination, mapped.fiscal_month.
-- Invariants: a part of the account's balance in trial_balance.sql, made as that is: of a profit and loss
-- account what moved in the fiscal year; of any other what it held since the start of the segment, opening
-- entries that count and closing ones at the turn among it. Debit positive.
with placed as (
    select
        parts.account_code,
        parts.axis_value,
        accounts.type,
        entities.primary_axis
    from mapped.account_axis_line as parts
    inner join app.entity as entities on parts.entity_id = entities.id
    inner join mapped.account_line as accounts
        on parts.entity_id = accounts.entity_id and parts.account_code = accounts.account_code
    where parts.entity_id = %(entity_id)s
),

months as (
    select
        *,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

-- Where the year after a fiscal year begins, if it goes on from its balances.
turns as (
    select
        fiscal_year_start,
        case when next_segment = segment_start then next_month end as next_month
    from (
        select
            fiscal_year_start,
            segment_start,
            lead(month) over (order by month) as next_month,
            lead(segment_start) over (order by month) as next_segment
        from months
        where month = first_month
    ) as years
),

booked as (
    select
        placed.account_code,
        placed.axis_value,
        case
            when balances.opening then months.first_month
            when balances.closing = 'result' then turns.next_month
            else balances.month
        end as month,
        balances.opening or balances.closing <> '' as at_turn,
        sum(balances.debit - balances.credit) as amount
    from placed
    inner join marts.balance_month as balances
        on balances.entity_id = %(entity_id)s and placed.account_code = balances.account_code
    inner join raw.axis_combination as combinations
        on
            combinations.entity_id = %(entity_id)s
            and balances.axis_combination = combinations.id
            and combinations.axis_values ->> placed.primary_axis = placed.axis_value
    inner join months on balances.month = months.month
    inner join turns on months.fiscal_year_start = turns.fiscal_year_start
    where
        balances.closing <> 'balance'
        and (placed.type = 'balance_sheet' or (not balances.opening and balances.closing = ''))
        and (not balances.opening or months.fiscal_year_start = months.segment_start)
    group by 1, 2, 3, 4
),

moved as (
    select
        account_code,
        axis_value,
        month,
        sum(amount) as amount,
        coalesce(sum(amount) filter (where not at_turn), 0) as within
    from booked
    where month is not null
    group by 1, 2, 3
),

running as (
    select
        placed.account_code,
        placed.axis_value,
        months.month,
        coalesce(moved.within, 0) as within,
        sum(coalesce(moved.amount, 0)) over (
            partition by
                placed.account_code,
                placed.axis_value,
                case placed.type
                    when 'balance_sheet' then months.segment_start else months.fiscal_year_start
                end
            order by months.month
        ) as closing
    from placed
    cross join months
    left join moved
        on
            placed.account_code = moved.account_code
            and placed.axis_value = moved.axis_value
            and months.month = moved.month
)

select
    account_code,
    axis_value,
    month,
    closing - within as opening,
    closing
from running
where closing <> 0 or within <> 0
