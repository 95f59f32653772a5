-- Purpose: the one aggregate of ledger lines; every other mart is made from it.
-- Grain: account, month, axis combination, opening entries apart.
-- Inputs: raw.month_balance, which is kept equal to the lines; proof.sql counts them again.
-- Invariants: debit and credit are sums of lines of their side, both positive; nothing is written
-- where nothing changed.
merge into marts.balance_month as target
using (select * from raw.month_balance where entity_id = %(entity_id)s) as source
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
            lines = source.lines,
            import_id = %(import_id)s
when not matched then
    insert (entity_id, account_code, month, axis_combination, opening, debit, credit, lines, import_id)
    values (
        %(entity_id)s, source.account_code, source.month, source.axis_combination, source.opening,
        source.debit, source.credit, source.lines, %(import_id)s
    )
when not matched by source and target.entity_id = %(entity_id)s then delete
