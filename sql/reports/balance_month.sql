-- Purpose: the one aggregate of ledger lines; every other mart is made from it.
-- Grain: account, month, axis combination, opening entries apart.
-- Inputs: raw.month_balance, which is kept equal to the lines; proof.sql counts them again.
-- Invariants: debit and credit are sums of lines of their side, both positive; nothing is written
-- where nothing changed.
select * from raw.month_balance where entity_id = %(entity_id)s
