-- Purpose: whether every sum of lines can be stored, in months and in reports: no part of the ledger adds up
-- to more than all of its debit and credit together.
-- Invariants: the largest sum of amounts that numeric(21, 4) holds is just below 10^17.
select coalesce(sum(debit + credit), 0) < 1e17 as fits
from raw.month_balance
where entity_id = %(entity_id)s
