-- Purpose: what a first delivery held, when all of it went straight into the ledger.
select
    coalesce(sum(lines), 0)::bigint as fetched,
    coalesce(sum(debit), 0) as debit,
    coalesce(sum(credit), 0) as credit,
    true as fit
from raw.month_balance
where entity_id = %(entity_id)s
