-- Purpose: the balance of every account, month by month.
-- Grain: account and month, where anything is not zero.
-- Inputs: stage_sum and stage_turned of this transaction, mapped.account_line, mapped.fiscal_month.
-- Invariants: closing = opening + debit - credit. P&L accounts start each fiscal year at zero, and
-- what they held goes to the result account at the turn of the year, and so does what an opening
-- holds on them: the year before was not closed. Balance sheet accounts run on within a segment of the
-- ledger and start it with its stated opening balances; opening entries of any other year are not added,
-- they are compared (validation_opening.sql). Entries that close a year are in no month of it: those of
-- its result are carried at the turn, those of the balance sheet nowhere, because what they close is
-- opened again; closing + closing_entries is the balance after them. Debit positive.
with entity as (
    select coalesce(result_account, '(result)') as result_account
    from app.entity
    where id = %(entity_id)s
),

months as (
    select
        *,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

-- Lines that stand elsewhere in reports leave what their date and their source have them in.
sums as materialized (
    select
        account_code,
        month,
        opening,
        closing,
        sum(debit) as debit,
        sum(credit) as credit
    from (
        select
            account_code,
            month,
            opening,
            '' as closing,
            debit,
            credit
        from stage_sum
        union all
        select
            account_code,
            month,
            told,
            '',
            -debit,
            -credit
        from stage_turned
        union all
        select
            account_code,
            counted_in,
            opening,
            closing,
            debit,
            credit
        from stage_turned
        where not again
    ) as parts
    group by 1, 2, 3, 4
),

booked as (
    select
        sums.account_code,
        accounts.type,
        months.month,
        months.first_month,
        months.fiscal_year_start,
        months.segment_start,
        sums.opening,
        sums.closing,
        sums.debit,
        sums.credit
    from sums
    inner join months on sums.month = months.month
    inner join mapped.account_line as accounts
        on accounts.entity_id = %(entity_id)s and sums.account_code = accounts.account_code
    where not sums.opening or months.fiscal_year_start = months.segment_start
),

-- What a fiscal year's P&L accounts hold at its end, and where the next one begins.
results as (
    select
        years.fiscal_year_start,
        years.next_month,
        years.next_segment,
        years.segment_start,
        (
            select sum(booked.debit - booked.credit)
            from booked
            where
                booked.fiscal_year_start = years.fiscal_year_start
                and booked.type = 'profit_and_loss'
                and not booked.opening
                and booked.closing <> 'balance'
        ) as amount
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

-- Amounts that enter an account at the turn into a month.
turns as (
    select
        case booked.type when 'balance_sheet' then booked.account_code else entity.result_account end
            as account_code,
        booked.first_month as month,
        booked.debit - booked.credit as amount
    from booked
    cross join entity
    where booked.opening
    union all
    select
        booked.account_code,
        results.next_month,
        booked.debit - booked.credit
    from booked
    inner join results on booked.fiscal_year_start = results.fiscal_year_start
    where
        booked.closing = 'result'
        and booked.type = 'balance_sheet'
        and results.next_segment = results.segment_start
    union all
    select
        entity.result_account,
        results.next_month,
        results.amount
    from results
    cross join entity
    where results.next_segment = results.segment_start
),

turned as (
    select
        account_code,
        month,
        sum(amount) as amount
    from turns
    group by 1, 2
),

-- The same at the first month of a later segment, had its opening entries not been there.
carried as (
    select
        case booked.type when 'balance_sheet' then booked.account_code else entity.result_account end
            as account_code,
        booked.segment_start,
        booked.debit - booked.credit as amount
    from booked
    cross join entity
    where (booked.type = 'balance_sheet' or booked.opening) and booked.closing <> 'balance'
    union all
    select
        entity.result_account,
        results.segment_start,
        results.amount
    from results
    cross join entity
    where results.next_month is not null
),

differences as (
    select
        account_code,
        month,
        sum(amount) as amount
    from (
        select
            turns.account_code,
            turns.month,
            turns.amount
        from turns
        inner join months on turns.month = months.month
        where months.fiscal_year_start = months.segment_start
        union all
        select
            carried.account_code,
            segments.month,
            -carried.amount
        from carried
        inner join (
            select
                month,
                lag(segment_start) over (order by month) as previous_segment
            from months
            where month = first_month and fiscal_year_start = segment_start
        ) as segments on carried.segment_start = segments.previous_segment
    ) as both_sides
    where month > (select min(month) from months)
    group by 1, 2
),

closed as (
    select
        account_code,
        month,
        sum(debit - credit) as amount
    from booked
    where closing <> ''
    group by 1, 2
),

grid as (
    select
        accounts.account_code,
        months.month,
        case accounts.type
            when 'balance_sheet' then months.segment_start else months.fiscal_year_start
        end as span,
        coalesce(turned.amount, 0) as at_turn,
        coalesce(differences.amount, 0) as opening_difference,
        coalesce(moved.debit, 0) as debit,
        coalesce(moved.credit, 0) as credit,
        coalesce(closed.amount, 0) as closing_entries
    from mapped.account_line as accounts
    cross join months
    left join turned on accounts.account_code = turned.account_code and months.month = turned.month
    left join booked as moved
        on
            accounts.account_code = moved.account_code
            and months.month = moved.month
            and not moved.opening
            and moved.closing = ''
    left join closed
        on accounts.account_code = closed.account_code and months.month = closed.month
    left join differences
        on
            accounts.account_code = differences.account_code
            and months.month = differences.month
    where accounts.entity_id = %(entity_id)s
),

running as (
    select
        *,
        sum(at_turn + debit - credit) over (
            partition by account_code, span order by month
        ) as closing
    from grid
)

select
    account_code,
    month,
    closing - debit + credit as opening,
    opening_difference,
    debit,
    credit,
    closing,
    closing_entries
from running
where closing <> 0 or debit <> 0 or credit <> 0 or opening_difference <> 0 or closing_entries <> 0
