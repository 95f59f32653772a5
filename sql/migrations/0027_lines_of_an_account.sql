-- Purpose: the ledger lines of a month without reading all lines of its entity; writing them costs no more.
-- Invariants: a summary of where days lie, in kilobytes; lines that came since the last vacuum are read.
create index gl_transaction_days on raw.gl_transaction using brin (entity_id, booking_date)
with (pages_per_range = 32);
