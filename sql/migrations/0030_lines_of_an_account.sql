-- Purpose: the ledger lines of an account in a period without reading all lines of its entity.
-- Invariants: equal days of an account share one entry, so that a line costs a few bytes here; the keys that
-- page through a day are sorted as they are read. The account comes first, so that no statement that knows
-- the entity alone takes this index where statistics are stale.
create index gl_transaction_account on raw.gl_transaction (account_code, entity_id, booking_date);
