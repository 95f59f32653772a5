-- Purpose: the month balances made anew from all lines; cheaper than noting most of them.
-- Invariants: nothing is written where nothing changed.
merge into raw.month_balance as target
using (
    select
        account_code,
        date_trunc('month', booking_date)::date as month,
        axis_combination,
        opening,
        coalesce(sum(amount) filter (where amount > 0), 0) as debit,
        coalesce(-sum(amount) filter (where amount < 0), 0) as credit,
        count(*) as lines
    from raw.gl_transaction
    where entity_id = %(entity_id)s
    group by 1, 2, 3, 4
) as source
    on
        target.entity_id = %(entity_id)s
        and target.account_code = source.account_code
        and target.month = source.month
        and target.axis_combination = source.axis_combination
        and target.opening = source.opening
when matched and (target.debit, target.credit, target.lines)
is distinct from (source.debit, source.credit, source.lines) then
    update
        set
            debit = source.debit,
            credit = source.credit,
            lines = source.lines
when not matched then
    insert (entity_id, account_code, month, axis_combination, opening, debit, credit, lines)
    values (
        %(entity_id)s, source.account_code, source.month, source.axis_combination, source.opening,
        source.debit, source.credit, source.lines
    )
when not matched by source and target.entity_id = %(entity_id)s then delete
