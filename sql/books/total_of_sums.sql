-- Purpose: all debits and all credits of an entity: while these fit, every balance made of them does.
select
    coalesce(sum(debit), 0) as debit,
    coalesce(sum(credit), 0) as credit
from raw.month_balance
where entity_id = %(entity_id)s
