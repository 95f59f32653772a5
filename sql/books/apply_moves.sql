-- Purpose: bring the month balances to what the noted changes made of the lines.
-- Invariants: a balance without lines has no row.
merge into raw.month_balance as target
using (
    select
        account_code,
        date_trunc('month', booking_date::timestamp)::date as month,
        axis_combination,
        opening,
        sum(sign * greatest(amount, 0)) as debit,
        sum(sign * greatest(-amount, 0)) as credit,
        sum(sign) as lines
    from stage_move
    group by 1, 2, 3, 4
) as source
    on
        target.entity_id = %(entity_id)s
        and target.account_code = source.account_code
        and target.month = source.month
        and target.axis_combination = source.axis_combination
        and target.opening = source.opening
when matched and target.lines + source.lines = 0 then delete
when matched and (source.debit, source.credit, source.lines) <> (0, 0, 0) then
    update
        set
            debit = target.debit + source.debit,
            credit = target.credit + source.credit,
            lines = target.lines + source.lines
when not matched and source.lines <> 0 then
    insert (entity_id, account_code, month, axis_combination, opening, debit, credit, lines)
    values (
        %(entity_id)s, source.account_code, source.month, source.axis_combination, source.opening,
        source.debit, source.credit, source.lines
    )
